"""The nightly look: what may be an emergency, which drill is overdue, which lesson was not acted on."""

from uuid import UUID

from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import FeedHealth
from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.events import DrillOverdue, EmergencyProposed, ImprovementLate
from finmart.centres.governance.emergencies.models import Emergency, Improvement, Proposal
from finmart.centres.governance.emergencies.queries.reading import plan_rows, plans_in_force
from finmart.centres.governance.emergencies.rules import triggers
from finmart.centres.governance.emergencies.types import (
    EmergenciesAct,
    EmergencyState,
    ProposalState,
    Trigger,
    UnableToRecord,
)
from finmart.centres.governance.warnings import queries as warnings_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, events, sql, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

RED_FIRMS, STRESS = "emergencies.trigger.red_firms", "emergencies.trigger.stress"
SOURCES = "emergencies.trigger.sources"
SILENT = frozenset({FeedHealth.DOWN, FeedHealth.LATE, FeedHealth.STOPPED})
LEAST_WORDS, MOST_WORDS = 5, 300
_WATCHING = 7_301_014  # any number, as long as nothing else locks it


def propose(actor: Actor) -> int:
    """Propose emergencies for what the warnings, the stress and the sources of today ask for; return how many are new.

    What is proposed already, or runs for real, is not proposed again. Whoever looks waits for another look to end: two
    sources that fail together would propose the same. Raises AccessDenied for all but the system.
    """
    _begin(actor)
    return _propose_new(actor, [*_triggers(actor), *_outages(actor)])


def propose_outages(actor: Actor) -> int:
    """Propose for the sources alone, as soon as one is down. Returns, waits and raises as :func:`propose`."""
    _begin(actor)
    return _propose_new(actor, _outages(actor))


def _begin(actor: Actor) -> None:
    _require_watcher(actor)
    sql.rows("SELECT pg_advisory_xact_lock(%s)", [_WATCHING])


def _require_watcher(actor: Actor) -> None:
    transactions.require()
    if not policies.can_watch(actor):
        raise AccessDenied("应急启动建议只由平台按规则提出")


def _propose_new(actor: Actor, found: list[Trigger]) -> int:
    plans = plans_in_force()
    standing = set(Proposal.objects.filter(state=ProposalState.OPEN).values_list("plan_code", "subject"))
    standing |= set(
        Emergency.objects.filter(state=EmergencyState.RUNNING, is_drill=False, proposal__isnull=False).values_list(
            "proposal__plan_code", "proposal__subject"
        )
    )
    made = 0
    for one in found:
        if one.plan_code in plans and (one.plan_code, one.subject) not in standing:
            _propose(actor, one, plans[one.plan_code].title)
            made += 1
    return made


def _propose(actor: Actor, one: Trigger, title: str) -> None:
    row = Proposal.objects.create(
        plan_code=one.plan_code, subject=one.subject[:80], level=one.level, evidence=one.evidence[:300],
        made_at=clock.now(),
    )  # fmt: skip
    audit_operations.record(actor, EmergenciesAct.PROPOSAL_MAKE, f"proposal:{row.uuid}", plan=one.plan_code)
    events.publish(EmergencyProposed(title, row.evidence))


def _triggers(actor: Actor) -> list[Trigger]:
    picture = warnings_queries.red_for(actor)
    limits = parameters_queries.values([RED_FIRMS, STRESS])
    districts = {one.code: one.name for one in parameters_queries.districts()}
    clusters = {one.code: f"{one.name}集群" for one in parameters_queries.clusters()}
    places = [(one.district, districts.get(one.district, one.district)) for one in picture.firms]
    places += [(one.cluster, clusters.get(one.cluster, one.cluster)) for one in picture.firms if one.cluster]
    return [
        *triggers.of_red(places, limits[RED_FIRMS]),
        *triggers.of_circles(picture.circles, {str(one.uuid): one.name for one in picture.firms}),
        *triggers.of_stress(picture.stress, len(picture.firms), float(limits[STRESS])),
    ]


def _outages(actor: Actor) -> list[Trigger]:
    silent = [
        (feed.code, feed.name, feed.explanation) for feed in sources_queries.feeds_for(actor) if feed.health in SILENT
    ]
    return triggers.of_outages(silent, parameters_queries.integer(SOURCES))


def dismiss(actor: Actor, uuid: UUID, reason: str) -> None:
    """Decide that a proposal is no emergency, with the reason. Raises NotFound, AccessDenied, UnableToRecord."""
    transactions.require()
    if not policies.can_command(actor):
        raise AccessDenied("启动建议只由运营人员研判")
    row = Proposal.objects.select_for_update().filter(uuid=uuid, state=ProposalState.OPEN).first()
    if row is None:
        raise NotFound("没有找到该启动建议，它可能已有人处理")
    words = " ".join(reason.split())
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise UnableToRecord(f"请写明不启动的理由，{LEAST_WORDS} 至 {MOST_WORDS} 字", field="reason")
    row.state, row.reason, row.decided_at = ProposalState.DISMISSED, words, clock.now()
    row.decided_by_id = actor.person_id
    row.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    audit_operations.record(actor, EmergenciesAct.PROPOSAL_DISMISS, f"proposal:{row.uuid}", reason=words)


def remind(actor: Actor) -> int:
    """Tell of drills and improvements whose day has passed; return how many. Whoever hears keeps it to once a month."""
    transactions.require()
    if not policies.can_watch(actor):
        raise AccessDenied("演练只由平台按期提醒")
    told = 0
    for row in plan_rows():
        if row.is_overdue:
            events.publish(DrillOverdue(row.plan.code, row.plan.title, row.next_drill_on))
            told += 1
    late = Improvement.objects.filter(done_on=None, due_on__lt=clock.today()).select_related("emergency")
    for one in late.order_by("pk"):
        events.publish(ImprovementLate(one.emergency.uuid, one.pk, one.text, one.due_on))
        told += 1
    return told
