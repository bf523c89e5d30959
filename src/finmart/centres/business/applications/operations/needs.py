"""What a firm looks for: drafted, stated, revised, withdrawn. Clause B1."""

from collections.abc import Iterator
from uuid import UUID

from finmart.centres.business.applications import policies, rules
from finmart.centres.business.applications.events import NeedStated, NeedWithdrawn
from finmart.centres.business.applications.models import Application, Need
from finmart.centres.business.applications.operations.applying import withdraw_locked
from finmart.centres.business.applications.operations.moves import NEED_MOVED, locked_need
from finmart.centres.business.applications.types import (
    ApplicationsAct,
    NeedDraft,
    NeedRef,
    NeedState,
    NeedTerms,
    UnableToState,
)
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict
from finmart.kit.events import publish

NEED_SERIES = "XQ"  # 需求; a default of ours


def save_draft(actor: Actor, draft: NeedDraft, *, need_uuid: UUID | None = None) -> NeedRef:
    """Keep a half-filled need, a new one or the one named. Raises UnableToState where a given field is wrong."""
    transactions.require()
    _require_firm(actor)
    rules.check_draft(draft, _districts())
    need = _own_draft(actor, need_uuid) if need_uuid else _new(actor)
    need.amount_fen, need.term_months = draft.amount_fen, draft.term_months
    need.purpose, need.purpose_note = draft.purpose, draft.purpose_note.strip()
    need.repayment_method, need.district = draft.repayment_method, draft.district
    need.save()
    audit_operations.record(actor, ApplicationsAct.NEED_DRAFT, f"need:{need.uuid}")
    return _ref(need)


def state_need(actor: Actor, terms: NeedTerms, *, draft_uuid: UUID | None = None) -> NeedRef:
    """State a need for the actor's firm, new or from its draft. Raises UnableToState with the field that is wrong."""
    transactions.require()
    _require_firm(actor)
    checked = rules.checked_need(terms, _districts())
    need = _own_draft(actor, draft_uuid) if draft_uuid else _new(actor)
    _fill(need, checked)
    need.state, need.stated_at, need.stated_by_id = NeedState.STATED, clock.now(), actor.person_id
    need.save()
    audit_operations.record(
        actor, ApplicationsAct.NEED_STATE, f"need:{need.uuid}", number=need.number, amount_fen=checked.amount_fen,
        term_months=checked.term_months, purpose=str(checked.purpose),
    )  # fmt: skip
    publish(NeedStated(need.uuid, need.organisation_id))
    return _ref(need)


def revise_need(actor: Actor, need_uuid: UUID, terms: NeedTerms) -> NeedRef:
    """Change a stated need that no institution is working on. Raises UnableToState, Conflict."""
    transactions.require()
    _require_firm(actor)
    need = locked_need(actor, need_uuid)
    if need.state != NeedState.STATED:
        raise Conflict(f"该需求{NeedState(need.state).label}，不能修改")
    if _running(need):
        raise UnableToState("已有机构在办理该需求，不能修改", remedy="请先撤回申请，或另提一个需求")
    before = {"amount_fen": need.amount_fen, "term_months": need.term_months, "purpose": need.purpose}
    checked = rules.checked_need(terms, _districts())
    _fill(need, checked)
    need.save()
    audit_operations.record(
        actor, ApplicationsAct.NEED_REVISE, f"need:{need.uuid}", before=before, amount_fen=checked.amount_fen,
        term_months=checked.term_months, purpose=str(checked.purpose),
    )  # fmt: skip
    return _ref(need)


def withdraw_need(actor: Actor, need_uuid: UUID, *, reason: str) -> None:
    """Withdraw a need and every application still undecided. Raises UnableToState once an offer was accepted."""
    transactions.require()
    _require_firm(actor)
    text = rules.clean_text(reason, field="reason", required=True)
    need = locked_need(actor, need_uuid)
    if need.state not in {NeedState.DRAFT, NeedState.STATED}:
        raise Conflict(f"该需求{NeedState(need.state).label}，不能撤回")
    running = _running(need)
    if any(one.state in rules.TAKEN for one in running):
        raise UnableToState("该需求已有接受的报价，不能撤回", remedy="请先撤回该笔申请")
    for application in running:
        withdraw_locked(actor, application, f"需求已撤回：{text}")
    need.state = NeedState.WITHDRAWN
    NEED_MOVED.write(need)
    audit_operations.record(actor, ApplicationsAct.NEED_WITHDRAW, f"need:{need.uuid}", reason=text)
    publish(NeedWithdrawn(need.uuid, need.organisation_id))


def _require_firm(actor: Actor) -> int:
    if not policies.can_state_need(actor) or actor.organisation_id is None:
        raise AccessDenied("只有企业经办人或法定代表人可以办理融资需求")
    return actor.organisation_id


def _districts() -> Iterator[str]:
    """Yield the codes of the city's districts; a need that names none does not ask for them."""
    yield from (district.code for district in parameters_queries.districts())


def _new(actor: Actor) -> Need:
    return Need(
        number=cases_operations.take_number(NEED_SERIES),
        organisation_id=_require_firm(actor),
        state=NeedState.DRAFT,
        drafted_at=clock.now(),
    )


def _own_draft(actor: Actor, need_uuid: UUID) -> Need:
    need = locked_need(actor, need_uuid)
    if need.state != NeedState.DRAFT:
        raise Conflict("该需求已提出，请勿重复提交", remedy="请在“我的需求”中查看")
    return need


def _fill(need: Need, terms: NeedTerms) -> None:
    need.amount_fen, need.term_months = terms.amount_fen, terms.term_months
    need.purpose, need.purpose_note = terms.purpose, terms.purpose_note
    need.repayment_method, need.district = terms.repayment_method or "", terms.district


def _running(need: Need) -> list[Application]:
    running = need.applications.exclude(state__in=[str(state) for state in rules.ENDED])
    return list(running.select_for_update(of=("self",)).select_related("case").order_by("pk"))


def _ref(need: Need) -> NeedRef:
    return NeedRef(need.uuid, need.number, NeedState(need.state))
