"""A firm says that a fact of it is wrong: the mark stands on the fact from that moment (clause D1)."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import DisputeLine, Fact, FactDispute
from finmart.centres.data.profiles.rules.values import from_columns, shown
from finmart.centres.data.profiles.types import (
    FACT_TYPES,
    DisputeAct,
    DisputeState,
    ProfilesAct,
    UnableToDispute,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.documents import operations as documents_operations
from finmart.centres.technical.documents.types import Reader
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members, OrganisationKind, Role
from finmart.kit import clock, rowpolicies, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DAYS = "feedback.dispute.days"  # 征信业管理条例: checked and answered within twenty days, marked meanwhile
LEAST_WORDS, MOST_WORDS = 5, 500
LONGEST_SHOWN = 300
_DISPUTING = 7_301_013  # any number, as long as nothing else locks it


def raise_dispute(
    actor: Actor, fact_type: str, reason: str, *, paper: tuple[str, Iterable[bytes]] | None = None
) -> UUID:
    """Dispute what is known of the actor's own firm; return the dispute.

    ``paper`` is the name and the bytes of an attachment, which the operator may read.

    Raises AccessDenied for others, NotFound where nothing is known, UnableToDispute for too few words or where the
    fact is disputed already, UnableToStore for a paper that may not be kept.
    """
    transactions.require()
    firm_id = actor.organisation_id
    if firm_id is None or actor.person_id is None or not policies.can_dispute(actor, firm_id):
        raise AccessDenied("只有企业人员可以对本企业的数据提出异议")
    words = checked(reason, "reason")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_DISPUTING, firm_id % 2**31])
    kind = FACT_TYPES.get(fact_type)
    fact = newest_fact(firm_id, fact_type)
    if kind is None or fact is None:
        raise NotFound("没有找到该数据项")
    if FactDispute.objects.filter(organisation_id=firm_id, fact_type=fact_type, state=DisputeState.OPEN).exists():
        raise UnableToDispute(f"“{kind.label}”已有处理中的异议", field="reason", remedy="请等待处理，或先撤回")
    days = parameters_queries.deadline(DAYS)
    now = clock.now()
    dispute = FactDispute.objects.create(
        organisation_id=firm_id, fact_type=fact_type, as_of_on=fact.as_of_on, source=fact.source, reason=words,
        shown=shown(kind, from_columns(kind, fact.number, fact.content))[:LONGEST_SHOWN],
        document_uuid=_kept(actor, paper) if paper else None, raised_by_id=actor.person_id, raised_at=now,
        due_at=parameters_queries.working_calendar().add(now, days.amount, days.unit),
    )  # fmt: skip
    write_line(actor, dispute, DisputeAct.RAISED, ProfilesAct.DISPUTE_RAISE, words)
    said = f"{actor.organisation_name}：“{kind.label}”，请在期限内处理"
    tell_operators(actor, dispute, "企业提出数据异议", said, "raised")
    return dispute.uuid


def withdraw_dispute(actor: Actor, uuid: UUID) -> None:
    """Take a dispute back; the mark goes. Raises NotFound, AccessDenied, UnableToDispute where it is settled."""
    dispute = locked(uuid)
    if not policies.can_dispute(actor, dispute.organisation_id):
        raise NotFound("没有找到该异议")
    settle(actor, dispute, DisputeState.WITHDRAWN, "企业撤回")
    write_line(actor, dispute, DisputeAct.WITHDRAWN, ProfilesAct.DISPUTE_WITHDRAW, "企业撤回")


def newest_fact(organisation_id: int, fact_type: str) -> Fact | None:
    """Return the fact of the latest day."""
    facts = Fact.objects.filter(organisation_id=organisation_id, fact_type=fact_type)
    with rowpolicies.upkeep():
        return facts.order_by("-as_of_on").first()


def locked(uuid: UUID) -> FactDispute:
    """Return an open dispute under its lock. Raises NotFound, UnableToDispute where it is settled."""
    transactions.require()
    dispute = FactDispute.objects.select_for_update().filter(uuid=uuid).first()
    if dispute is None:
        raise NotFound("没有找到该异议")
    if dispute.state != DisputeState.OPEN:
        raise UnableToDispute("该异议已办结", remedy="请刷新后查看结果")
    return dispute


def settle(actor: Actor, dispute: FactDispute, state: DisputeState, outcome: str) -> None:
    """End a dispute and tell its firm."""
    dispute.state, dispute.outcome, dispute.settled_at = state, outcome, clock.now()
    dispute.save(update_fields=["state", "outcome", "settled_at"])
    if state != DisputeState.WITHDRAWN:
        label = FACT_TYPES[dispute.fact_type].label
        notices_operations.notify(
            actor, template="general", person_ids=[dispute.raised_by_id], key=f"dispute:settled:{dispute.uuid}",
            values={"title": f"数据异议{state.label}", "text": f"“{label}”：{outcome}"},
            link=f"/enterprise/profile/facts/{dispute.fact_type}/",
        )  # fmt: skip


def write_line(actor: Actor, dispute: FactDispute, act: DisputeAct, tag: ProfilesAct, text: str) -> None:
    """Add to the history of a dispute and to the trail."""
    DisputeLine.objects.create(dispute=dispute, at=clock.now(), by_id=actor.person_id, act=act, text=text[:MOST_WORDS])
    audit_operations.record(actor, tag, f"dispute:{dispute.uuid}", fact_type=dispute.fact_type)


def checked(text: str, field: str) -> str:
    """Return the words. Raises UnableToDispute for too few or too many."""
    words = " ".join(text.replace("\x00", "").split())
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise UnableToDispute(f"请填写 {LEAST_WORDS} 至 {MOST_WORDS} 字", field=field, remedy="写明哪里不对、依据什么")
    return words


def _kept(actor: Actor, paper: tuple[str, Iterable[bytes]]) -> UUID:
    operators = parties_queries.organisations_of_kind(OrganisationKind.OPERATOR)
    stored = documents_operations.store(
        actor, name=paper[0], content=paper[1], purpose="DISPUTE_PAPER",
        readers=[Reader(organisation_id=one.id) for one in operators],
    )  # fmt: skip
    return stored.uuid


def tell_operators(actor: Actor, dispute: FactDispute, title: str, text: str, occasion: str) -> None:
    """Tell the operator's people of a dispute, once for each occasion."""
    operators = parties_queries.organisations_of_kind(OrganisationKind.OPERATOR)
    notices_operations.notify(
        actor, template="general", key=f"dispute:{occasion}:{dispute.uuid}", values={"title": title, "text": text},
        members=[Members(one.id, (Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)) for one in operators],
        link=f"/operator/disputes/{dispute.uuid}/",
    )  # fmt: skip
