"""Whether a batch that is whole is good enough to be loaded."""

from finmart.centres.data.sources.models import Batch
from finmart.centres.data.sources.types import Judgement
from finmart.kit.actor import Actor


def judge(actor: Actor, batch: Batch) -> Judgement:  # noqa: ARG001 - rules may differ by who asks
    """Judge a RECEIVED batch, before anything of it is a fact: it is loaded unless something is badly wrong with it."""
    kept = batch.received - batch.unknown
    if batch.unreadable and batch.unreadable * 20 > kept:
        return Judgement(
            is_to_be_held=True, reason=f"{kept} 条记录中有 {batch.unreadable} 条缺少编号、企业代码或日期，超过 5%"
        )
    return Judgement()
