"""A run of a plan, real or drilled, from its start to its report."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import CaseKind, CaseParty, PartyRole, TimelineKind
from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.events import PartyCalled
from finmart.centres.governance.emergencies.models import Call, Emergency, Proposal, StepDone
from finmart.centres.governance.emergencies.queries.reading import plan_of, versions_in_force
from finmart.centres.governance.emergencies.rules import plans
from finmart.centres.governance.emergencies.types import (
    Answer,
    EmergenciesAct,
    EmergencyRef,
    EmergencyState,
    Level,
    Party,
    ProposalState,
    UnableToClose,
    UnableToRecord,
    UnableToStart,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import INSTITUTION_KINDS, OrganisationKind
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DRILL = "【演练】"
LEAST_WORDS, MOST_TITLE, MOST_TEXT, MOST_SUMMARY = 2, 60, 500, 1000


def start(
    actor: Actor, *, plan_code: str, level: Level, title: str, summary: str, is_drill: bool,
    regulator_id: int | None = None, proposal_uuid: UUID | None = None,
) -> EmergencyRef:  # fmt: skip
    """Open an emergency, or a drill, with a case of its own; the regulator named becomes a party of it.

    Raises AccessDenied, NotFound for a plan or proposal there is none of, UnableToStart where words are missing or a
    drill is to answer a proposal.
    """
    transactions.require()
    if not policies.can_command(actor) or actor.organisation_id is None or actor.person_id is None:
        raise AccessDenied("应急只由运营人员启动")
    version = versions_in_force().filter(code=plan_code).first()
    if version is None:
        raise NotFound("没有找到该应急预案")
    if is_drill and proposal_uuid is not None:
        raise UnableToStart("演练不能用来响应真实的启动建议", field="is_drill", remedy="请启动真实应急，或不引用该建议")
    marked = (DRILL if is_drill else "") + _words(title, "title", MOST_TITLE, UnableToStart)
    told = _words(summary, "summary", MOST_SUMMARY, UnableToStart)
    if regulator_id is not None:
        _require_kind(regulator_id, {OrganisationKind.REGULATOR, OrganisationKind.DEPARTMENT}, "regulator")
    parties = [CaseParty(PartyRole.HANDLER, organisation_id=actor.organisation_id)]
    if regulator_id is not None:
        parties.append(CaseParty(PartyRole.REGULATOR, organisation_id=regulator_id))
    kind = CaseKind.EMERGENCY_DRILL if is_drill else CaseKind.EMERGENCY
    case = cases_operations.open(actor, kind=kind, title=marked, parties=parties)
    row = Emergency.objects.create(
        number=case.number, case_uuid=case.uuid, plan=version, level=level, is_drill=is_drill, title=marked,
        summary=told, commander_id=actor.organisation_id, regulator_id=regulator_id,
        proposal=_answered(actor, proposal_uuid), started_at=clock.now(), started_by_id=actor.person_id,
    )  # fmt: skip
    _note(actor, row, EmergenciesAct.EMERGENCY_START, f"启动{plan_of(version).title}预案，初定{level.label}")
    return EmergencyRef(row.uuid, row.number, row.case_uuid, row.title, row.is_drill)


def assess(actor: Actor, case_uuid: UUID, level: Level) -> None:
    """Set the level after the facts were checked. Raises NotFound, UnableToRecord once it is over."""
    row = _running(actor, case_uuid)
    row.level = level
    row.save(update_fields=["level"])
    _note(actor, row, EmergenciesAct.EMERGENCY_ASSESS, f"核实定级：{level.label}")


def call(actor: Actor, case_uuid: UUID, organisation_ids: Sequence[int]) -> list[tuple[int, UUID]]:
    """Call institutions as the plan words it, each in a case of its own, and tell the regulator.

    Returns (organisation, case of the call) for each that was not called before. Whom the level of the plan does not
    call is not called. Raises NotFound, UnableToRecord, UnableToStart for one that is no institution.
    """
    row = _running(actor, case_uuid)
    plan = plan_of(row.plan)
    terms = plan.terms(Level(row.level))
    if row.regulator_id is not None and terms.calls_regulator:
        due = clock.now() + timedelta(hours=terms.acknowledge_hours)
        title, text = _worded(row, Party.REGULATOR, terms.acknowledge_hours)
        events.publish(PartyCalled(row.regulator_id, row.case_uuid, title, text, due, row.is_drill))
    if not terms.calls_institutions:
        return []
    known = set(row.calls.values_list("organisation_id", flat=True))
    return [
        (one, _call_one(actor, row, one, terms.answer_hours))
        for one in dict.fromkeys(organisation_ids)
        if one not in known
    ]


def _call_one(actor: Actor, row: Emergency, organisation_id: int, hours: int) -> UUID:
    _require_kind(organisation_id, INSTITUTION_KINDS, "institutions")
    title, text = _worded(row, Party.INSTITUTION, hours)
    due = clock.now() + timedelta(hours=hours)
    case = cases_operations.open(
        actor, kind=CaseKind.EMERGENCY_DRILL if row.is_drill else CaseKind.EMERGENCY, title=title[:80],
        parties=[
            CaseParty(PartyRole.HANDLER, organisation_id=row.commander_id),
            CaseParty(PartyRole.RESPONDER, organisation_id=organisation_id),
        ],
    )  # fmt: skip
    cases_operations.note(actor, case.uuid, TimelineKind.STATE, text)
    Call.objects.create(
        emergency=row, organisation_id=organisation_id, case_uuid=case.uuid, text=text, made_at=clock.now(), due_at=due
    )
    name = parties_queries.organisation(organisation_id).name
    _note(actor, row, EmergenciesAct.CALL_MAKE, f"通知{name}协同处置")
    events.publish(PartyCalled(organisation_id, case.uuid, title, text, due, row.is_drill))
    return case.uuid


def answer_call(actor: Actor, case_uuid: UUID, answer: Answer, text: str) -> None:
    """Write down what an institution answered to its call. Raises NotFound, UnableToRecord once answered."""
    transactions.require()
    row = Call.objects.select_for_update(of=("self",)).filter(case_uuid=case_uuid).select_related("emergency").first()
    if row is None:
        raise NotFound("没有找到该协同通知")
    if row.answer != Answer.WAITING:
        raise UnableToRecord("已经反馈过", remedy="补充情况请在案件中发消息")
    row.answer, row.answer_text = answer, " ".join(text.split())[:MOST_TEXT]
    row.answered_at = clock.now()
    row.save(update_fields=["answer", "answer_text", "answered_at"])
    name = parties_queries.organisation(row.organisation_id).name
    _note(actor, row.emergency, EmergenciesAct.CALL_ANSWER, f"{name}：{answer.label}")


def record_step(actor: Actor, uuid: UUID, step: str, text: str) -> None:
    """Write down that a step of the plan was done. Raises NotFound, AccessDenied, UnableToRecord if done or over."""
    transactions.require()
    if not policies.can_command(actor) or actor.person_id is None:
        raise AccessDenied("处置步骤只由运营人员登记")
    row = Emergency.objects.select_for_update(of=("self",)).select_related("plan").filter(uuid=uuid).first()
    if row is None:
        raise NotFound("没有找到该应急处置")
    planned = next((one for one in plan_of(row.plan).steps if one.code == step), None)
    if planned is None:
        raise NotFound("预案中没有该步骤")
    if row.state != EmergencyState.RUNNING or row.steps_done.filter(step=step).exists():
        raise UnableToRecord("该步骤已登记，或应急已结束", field="text", remedy="请刷新后查看")
    words = _words(text, "text", MOST_TEXT, UnableToRecord)
    StepDone.objects.create(emergency=row, step=step, at=clock.now(), by_id=actor.person_id, text=words)
    _note(actor, row, EmergenciesAct.STEP_RECORD, f"完成：{planned.text}")


def require_steps(actor: Actor, case_uuid: UUID) -> None:
    """Refuse to go on while a step of the operator's is not done. Raises NotFound, UnableToClose naming them."""
    row = _running(actor, case_uuid)
    done = set(row.steps_done.values_list("step", flat=True))
    open_steps = [step.text for step in plan_of(row.plan).steps_by(Party.OPERATOR) if step.code not in done]
    if open_steps:
        raise UnableToClose(
            f"还有 {len(open_steps)} 个处置步骤没有登记：{open_steps[0][:40]}", remedy="请在应急页面逐项登记后再提交"
        )


def stand_down(actor: Actor, case_uuid: UUID, reason: str) -> None:
    """End it because there was nothing, with the reason. Raises NotFound, UnableToRecord, UnableToClose."""
    row = _running(actor, case_uuid)
    row.outcome = _words(reason, "reason", MOST_SUMMARY, UnableToClose)
    _end(actor, row, EmergencyState.FALSE_ALARM, f"核实后解除：{row.outcome}")


def close(actor: Actor, case_uuid: UUID, *, outcome: str, cause: str) -> None:
    """End it after its review. Raises NotFound, UnableToRecord, UnableToClose where words are missing."""
    row = _running(actor, case_uuid)
    row.outcome = _words(outcome, "outcome", MOST_SUMMARY, UnableToClose)
    row.cause = _words(cause, "cause", MOST_SUMMARY, UnableToClose)
    _end(actor, row, EmergencyState.CLOSED, "复盘完成，应急结束")


def file_report(actor: Actor, case_uuid: UUID, content: bytes) -> UUID:
    """File the close-out report in the case and keep which it is."""
    transactions.require()
    row = Emergency.objects.select_for_update(of=("self",)).get(case_uuid=case_uuid)
    name = f"{'演练' if row.is_drill else '应急处置'}报告-{row.number}.pdf"
    uuid = cases_operations.file_document(actor, case_uuid, name=name, content=content, purpose="EMERGENCY_REPORT")
    row.report_uuid = uuid
    row.save(update_fields=["report_uuid"])
    return uuid


def _end(actor: Actor, row: Emergency, state: EmergencyState, told: str) -> None:
    row.state, row.closed_at = state, clock.now()
    row.save(update_fields=["state", "closed_at", "outcome", "cause"])
    _note(actor, row, EmergenciesAct.EMERGENCY_CLOSE, told)


def _running(actor: Actor, case_uuid: UUID) -> Emergency:
    transactions.require()
    if not policies.can_see_all(actor):
        raise AccessDenied("应急处置只由运营人员办理")
    row = (
        Emergency.objects.select_for_update(of=("self",)).select_related("plan").filter(case_uuid=case_uuid).first()
    )  # fmt: skip
    if row is None:
        raise NotFound("没有找到该应急处置")
    if row.state != EmergencyState.RUNNING:
        raise UnableToRecord("该应急已结束", remedy="无须再处置")
    return row


def _answered(actor: Actor, proposal_uuid: UUID | None) -> Proposal | None:
    if proposal_uuid is None:
        return None
    row = Proposal.objects.select_for_update().filter(uuid=proposal_uuid, state=ProposalState.OPEN).first()
    if row is None:
        raise NotFound("没有找到该启动建议，它可能已有人处理")
    row.state, row.decided_at, row.decided_by_id = ProposalState.STARTED, clock.now(), actor.person_id
    row.save(update_fields=["state", "decided_at", "decided_by"])
    return row


def _worded(row: Emergency, party: Party, hours: int) -> tuple[str, str]:
    """Return title and text for a party; a drill says in both that it is one."""
    wording = plan_of(row.plan).wording_for(party)
    due = clock.now() + timedelta(hours=hours)
    values = {
        "title": row.title.removeprefix(DRILL), "level": Level(row.level).label, "number": row.number,
        "due": f"{due.astimezone(clock.CITY_ZONE):%m月%d日 %H:%M}",
    }  # fmt: skip
    mark = DRILL if row.is_drill else ""
    if wording is None:
        return mark + values["title"], mark + f"请于 {values['due']} 前反馈。"
    return mark + plans.said(wording.title, values), mark + plans.said(wording.text, values)


def _require_kind(organisation_id: int, kinds: set[OrganisationKind] | frozenset[OrganisationKind], field: str) -> None:
    one = parties_queries.organisation(organisation_id)
    if one.kind not in kinds:
        raise UnableToStart(
            f"{one.name}不能作为应急的{'监管部门' if field == 'regulator' else '协同机构'}", field=field
        )


def _words(text: str, field: str, most: int, refusal: type[UnableToStart | UnableToRecord | UnableToClose]) -> str:
    words = " ".join(text.split())
    if not LEAST_WORDS <= len(words) <= most:
        raise refusal(f"请填写 {LEAST_WORDS} 至 {most} 字", field=field, remedy="写明事实和依据")
    return words


def _note(actor: Actor, row: Emergency, act: EmergenciesAct, text: str) -> None:
    cases_operations.note(actor, row.case_uuid, TimelineKind.STATE, text[:500])
    audit_operations.record(actor, act, f"emergency:{row.uuid}", level=row.level, drill=row.is_drill)
