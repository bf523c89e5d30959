"""What the operator does about a dispute: asks the supplier, then corrects or says why not."""

from typing import Any
from uuid import UUID

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import Fact, FactDispute
from finmart.centres.data.profiles.operations.computing import compute
from finmart.centres.data.profiles.operations.disputing import checked, locked, newest_fact, settle, write_line
from finmart.centres.data.profiles.operations.storing import FactRow, store_facts
from finmart.centres.data.profiles.rules.values import from_columns, shown, to_columns
from finmart.centres.data.profiles.types import (
    FACT_TYPES,
    DisputeAct,
    DisputeState,
    ProfilesAct,
    UnableToDispute,
)
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

CORRECTED = "（异议更正）"


def route_dispute(actor: Actor, uuid: UUID, text: str) -> UUID:
    """Ask the source of a disputed fact to check and correct it; return the demand it was asked by.

    Raises AccessDenied, NotFound; UnableToDispute where the source is no feed (then the platform checks itself), the
    source was asked already, or the words are too few; UnableToDemand where the record is being corrected already.
    """
    dispute = _locked_for(actor, uuid)
    if dispute.demand_uuid:
        raise UnableToDispute("已转供数单位核查", remedy="可在数据需求中催办")
    words = checked(text, "text")
    fact = _fact(dispute)
    record = sources_queries.record_behind(dispute.organisation_id, fact.source, fact.as_of_on)
    if record is None:
        raise UnableToDispute(
            f"“{fact.source}”不是接入的数据来源，没有可转的供数单位", field="text", remedy="请自行核查后更正或不予更正"
        )
    dispute.demand_uuid = sources_operations.raise_demand(
        actor, feed_code=record.feed_code, text=words, record_uuid=record.uuid
    )
    dispute.save(update_fields=["demand_uuid"])
    write_line(actor, dispute, DisputeAct.ROUTED, ProfilesAct.DISPUTE_ROUTE, f"{fact.source}：{words}")
    return dispute.demand_uuid


def uphold_dispute(actor: Actor, uuid: UUID, reason: str, value: Any = None) -> None:
    """End a dispute with the fact corrected: to ``value`` as its type's kind asks, or (None) by its source.

    What the platform computes is computed anew and takes no value. The older value stays known as of then. Raises
    AccessDenied, NotFound; UnableToDispute where nothing has changed since the dispute, UnableToRecord for a value
    that is none of its kind.
    """
    dispute = _locked_for(actor, uuid)
    words = checked(reason, "reason")
    kind, fact = FACT_TYPES[dispute.fact_type], _fact(dispute)
    if value is not None and not kind.is_recordable:
        raise UnableToDispute(f"“{kind.label}”由平台计算，不能直接填写", field="value", remedy="请先更正来源数据")
    if value is not None:
        number, content = to_columns(kind, value)
        source = f"{fact.source.removesuffix(CORRECTED)[:110]}{CORRECTED}"
        row = FactRow(dispute.organisation_id, kind.code, fact.as_of_on, number, content, source, kind.grade)
        store_facts([row], clock.now())
    elif not kind.is_recordable:
        with rowpolicies.upkeep():
            newest = sources_queries.latest_invoice_on([dispute.organisation_id])
        compute(actor, [dispute.organisation_id], max(fact.as_of_on, newest or fact.as_of_on))
    now = _fact(dispute)
    after = shown(kind, from_columns(kind, now.number, now.content))
    if after == dispute.shown:
        raise UnableToDispute(
            "数据与提出异议时相同，尚未更正", field="value", remedy="请填写更正后的值，或等来源的更正记录入库后再办结"
        )
    settle(actor, dispute, DisputeState.UPHELD, words)
    write_line(actor, dispute, DisputeAct.UPHELD, ProfilesAct.DISPUTE_UPHOLD, f"{dispute.shown} → {after}；{words}")


def reject_dispute(actor: Actor, uuid: UUID, reason: str) -> None:
    """End a dispute without a correction, saying why. Raises as :func:`uphold_dispute`."""
    dispute = _locked_for(actor, uuid)
    words = checked(reason, "reason")
    settle(actor, dispute, DisputeState.REJECTED, words)
    write_line(actor, dispute, DisputeAct.REJECTED, ProfilesAct.DISPUTE_REJECT, words)


def _locked_for(actor: Actor, uuid: UUID) -> FactDispute:
    if not policies.can_settle_disputes(actor):
        raise AccessDenied("数据异议只由运营人员处理")
    return locked(uuid)


def _fact(dispute: FactDispute) -> Fact:
    fact = newest_fact(dispute.organisation_id, dispute.fact_type)
    if fact is None:  # facts are never removed
        raise LookupError(dispute.fact_type)
    return fact
