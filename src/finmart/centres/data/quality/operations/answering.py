"""What a person does about a rule that does not hold."""

from uuid import UUID

from finmart.centres.data.quality import policies
from finmart.centres.data.quality.models import Lapse, LapseLine
from finmart.centres.data.quality.types import LapseState, LineKind, QualityAct, UnableToSet
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

MOST_WORDS = 500


def record_measure(actor: Actor, uuid: UUID, text: str) -> None:
    """Write down what was done about an open lapse; who does so first where it has no owner becomes its owner.

    A lapse ends only when a run over everything finds that the rule holds again. Raises AccessDenied, NotFound,
    UnableToSet without words or where the lapse is mended.
    """
    transactions.require()
    if not policies.can_set(actor):
        raise AccessDenied("数据质量只由运营人员处置")
    lapse = Lapse.objects.select_for_update().filter(uuid=uuid).first()
    if lapse is None:
        raise NotFound("没有找到该质量问题")
    if not policies.can_measure(actor, lapse.owner_id):
        raise AccessDenied("只有责任人可以登记整改", remedy="请联系责任人，或在规则中改派")
    words = " ".join(text.split())
    if lapse.state != LapseState.OPEN:
        raise UnableToSet("该规则已恢复达标，无须再登记", field="text")
    if not 0 < len(words) <= MOST_WORDS:
        raise UnableToSet(f"请填写 1 至 {MOST_WORDS} 字", field="text", remedy="写明查明了什么、做了什么")
    if lapse.owner_id is None:
        lapse.owner_id = actor.person_id
        lapse.save(update_fields=["owner"])
    LapseLine.objects.create(lapse=lapse, at=clock.now(), by_id=actor.person_id, kind=LineKind.MEASURE, text=words)
    audit_operations.record(actor, QualityAct.LAPSE_MEASURE, f"lapse:{lapse.uuid}", rule=lapse.code)
