"""Plans in force and when they are to be drilled; emergencies with all that belongs to them."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.models import Call, Emergency, PlanVersion, Proposal
from finmart.centres.governance.emergencies.rules import plans
from finmart.centres.governance.emergencies.types import (
    Answer,
    CallRow,
    EmergenciesAct,
    EmergencyFigures,
    EmergencyRow,
    EmergencyState,
    EmergencyView,
    ImprovementRow,
    Level,
    LevelTerms,
    Plan,
    PlanRow,
    ProposalRow,
    ProposalState,
    StepRow,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import INSTITUTION_KINDS, OrganisationKind, OrganisationRef
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DRILL_MONTHS = "emergencies.drill.months"
DAYS_A_MONTH = 30.4375
MOST_ROWS = 100


def plan_of(version: PlanVersion) -> Plan:
    """Return a stored version as a plan."""
    return plans.read(version.body, version=version.version, adopted_on=valid_from(version))


def valid_from(version: PlanVersion) -> date:
    """Return from which day on a version is in force. For this centre."""
    return version.valid_from or version.adopted_at.astimezone(clock.CITY_ZONE).date()


def versions_in_force() -> QuerySet[PlanVersion]:
    """Return the newest version of each plan whose day has come. For this centre."""
    begun = PlanVersion.objects.filter(Q(valid_from=None) | Q(valid_from__lte=clock.today()))
    return begun.order_by("code", "-version").distinct("code")


def plans_in_force() -> dict[str, Plan]:
    """Return code → the version of each plan that is in force. For this centre."""
    return {row.code: plan_of(row) for row in versions_in_force()}


def plan_rows() -> list[PlanRow]:
    """Return every plan with its drills. For this centre."""
    months = parameters_queries.integer(DRILL_MONTHS)
    closed = Emergency.objects.filter(is_drill=True, state=EmergencyState.CLOSED)
    drilled = dict(closed.values_list("plan__code").annotate(latest=Max("closed_at")))
    first = {row.code: row.adopted_at.date() for row in PlanVersion.objects.filter(version=1)}
    rows = []
    for plan in plans_in_force().values():
        latest = drilled.get(plan.code)
        latest_on: date | None = latest.astimezone(clock.CITY_ZONE).date() if latest else None
        due = (latest_on or first[plan.code]) + timedelta(days=round(months * DAYS_A_MONTH))
        rows.append(PlanRow(plan, latest_on, due, due < clock.today()))
    return sorted(rows, key=lambda row: (row.next_drill_on, row.plan.code))


def plan_rows_for(actor: Actor) -> list[PlanRow]:
    """Return the plans in force, the soonest drill first. Raises AccessDenied for all but operator staff."""
    _require(actor)
    return plan_rows()


def proposals_for(actor: Actor) -> list[ProposalRow]:
    """Return what the platform proposes to look at, the newest first. Raises AccessDenied."""
    _require(actor)
    titles = {plan.code: plan.title for plan in plans_in_force().values()}
    return [
        ProposalRow(
            row.uuid,
            row.plan_code,
            titles.get(row.plan_code, row.plan_code),
            Level(row.level),
            row.evidence,
            row.made_at,
        )
        for row in Proposal.objects.filter(state=ProposalState.OPEN).order_by("-pk")[:MOST_ROWS]
    ]


def emergencies_for(actor: Actor, *, is_drill: bool) -> list[EmergencyRow]:
    """Return real emergencies or drills, never both, the newest first. Raises AccessDenied."""
    _require(actor)
    rows = Emergency.objects.filter(is_drill=is_drill).select_related("plan").order_by("-started_at", "-pk")
    return [_row(row) for row in rows[:MOST_ROWS]]


def emergency_for(actor: Actor, uuid: UUID) -> EmergencyView:
    """Return one emergency with steps, calls and improvements. Raises AccessDenied, NotFound."""
    _require(actor)
    return _view(actor, Emergency.objects.select_related("plan").filter(uuid=uuid).first())


def emergency_of_case_for(actor: Actor, case_uuid: UUID) -> EmergencyView:
    """Return the emergency of a case. Raises AccessDenied, NotFound."""
    _require(actor)
    return _view(actor, Emergency.objects.select_related("plan").filter(case_uuid=case_uuid).first())


def terms_of_case(actor: Actor, case_uuid: UUID, level: Level | None = None) -> LevelTerms:
    """Return what the level of a case's emergency (or the level named) asks for. Raises AccessDenied, NotFound."""
    found = emergency_of_case_for(actor, case_uuid)
    return found.plan.terms(level or found.row.level)


def regulators_and_institutions_for(actor: Actor) -> tuple[list[OrganisationRef], list[OrganisationRef]]:
    """Return whom an emergency may call: regulators and departments, and institutions. Raises AccessDenied."""
    _require(actor)

    def of(*kinds: OrganisationKind) -> list[OrganisationRef]:
        return parties_queries.organisations([one for kind in kinds for one in parties_queries.ids_of_kind(kind)])

    return of(OrganisationKind.REGULATOR, OrganisationKind.DEPARTMENT), of(*sorted(INSTITUTION_KINDS))


def figures() -> EmergencyFigures:
    """Return how many plans, real emergencies and drills there are, apart; sums only."""
    real, drills = Emergency.objects.filter(is_drill=False), Emergency.objects.filter(is_drill=True)
    rows = plan_rows()
    return EmergencyFigures(
        plans=len(rows),
        running=real.filter(state=EmergencyState.RUNNING).count(),
        closed=real.exclude(state=EmergencyState.RUNNING).count(),
        drills=drills.filter(state=EmergencyState.CLOSED).count(),
        drills_overdue=sum(row.is_overdue for row in rows),
    )


def _require(actor: Actor) -> None:
    if not policies.can_see_all(actor):
        raise AccessDenied("应急处置只对运营人员开放")


def _row(row: Emergency) -> EmergencyRow:
    return EmergencyRow(
        uuid=row.uuid, number=row.number, title=row.title, plan_title=row.plan.body["title"], level=Level(row.level),
        state=EmergencyState(row.state), is_drill=row.is_drill, started_at=row.started_at, closed_at=row.closed_at,
    )  # fmt: skip


def _view(actor: Actor, row: Emergency | None) -> EmergencyView:
    if row is None:
        raise NotFound("没有找到该应急处置")
    runs = row.state == EmergencyState.RUNNING
    may_record = runs and policies.can_command(actor)
    calls = list(Call.objects.filter(emergency=row).order_by("pk"))
    named = {one.id: one.name for one in parties_queries.organisations({call.organisation_id for call in calls})}
    return EmergencyView(
        row=_row(row),
        plan=plan_of(row.plan),
        summary=row.summary,
        case_uuid=row.case_uuid,
        has_regulator=row.regulator_id is not None,
        outcome=row.outcome,
        cause=row.cause,
        steps=tuple(_steps(row, may_record=may_record)),
        calls=tuple(
            CallRow(
                named[one.organisation_id],
                one.case_uuid,
                one.due_at,
                Answer(one.answer),
                one.answer_text,
                one.answered_at,
            )
            for one in calls
        ),
        improvements=tuple(_improvements(actor, row)),
        report_uuid=row.report_uuid,
        acts=frozenset({EmergenciesAct.STEP_RECORD}) if may_record else frozenset(),
    )


def _steps(row: Emergency, *, may_record: bool) -> list[StepRow]:
    done = {one.step: one for one in row.steps_done.select_related("by")}
    found = []
    for step in plan_of(row.plan).steps:
        one = done.get(step.code)
        found.append(
            StepRow(
                code=step.code, text=step.text, by_label=step.by.label,
                due_at=row.started_at + timedelta(hours=step.hours[Level(row.level)]),
                done_at=one.at if one else None, done_by=one.by.full_name if one else "",
                done_text=one.text if one else "",
                may_record=may_record and one is None,
            )
        )  # fmt: skip
    return found


def _improvements(actor: Actor, row: Emergency) -> list[ImprovementRow]:
    return [
        ImprovementRow(
            id=one.pk, text=one.text, due_on=one.due_on, done_on=one.done_on, done_text=one.done_text,
            is_late=one.done_on is None and one.due_on < clock.today(),
            may_finish=one.done_on is None and policies.can_command(actor),
        )
        for one in row.improvements.order_by("pk")
    ]  # fmt: skip
