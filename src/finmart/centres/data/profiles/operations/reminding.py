"""Disputes that nobody answers: the operator is reminded before the deadline and told after it (clause D1)."""

from datetime import timedelta

from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import FactDispute
from finmart.centres.data.profiles.operations.disputing import tell_operators, write_line
from finmart.centres.data.profiles.types import FACT_TYPES, DisputeAct, DisputeState, ProfilesAct
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

NEAR = timedelta(days=3)  # how long before the deadline: a default of ours


def remind_of_disputes(actor: Actor) -> int:
    """Remind once of every open dispute that is due within :data:`NEAR` and once more when it is late; return how many.

    The firm sees the line in its dispute. Raises AccessDenied but for the system.
    """
    transactions.require()
    if not (actor.system and policies.can_compute(actor)):
        raise AccessDenied("数据异议由平台按期限提醒")
    now = clock.now()
    rows = FactDispute.objects.select_for_update(of=("self",), skip_locked=True).select_related("organisation")
    standing = rows.filter(state=DisputeState.OPEN)
    late = list(standing.filter(due_at__lt=now).exclude(lines__act=DisputeAct.OVERDUE))
    near = standing.filter(due_at__gte=now, due_at__lt=now + NEAR).exclude(lines__act=DisputeAct.NEAR)
    for dispute in late:
        _remind(actor, dispute, DisputeAct.OVERDUE, "数据异议逾期未答复", "已超过答复期限，请立即处理")
    soon = list(near)
    for dispute in soon:
        _remind(actor, dispute, DisputeAct.NEAR, "数据异议临近答复期限", "请在期限内核查并答复")
    return len(late) + len(soon)


def _remind(actor: Actor, dispute: FactDispute, act: DisputeAct, title: str, ask: str) -> None:
    label = FACT_TYPES[dispute.fact_type].label
    due = f"{dispute.due_at.astimezone(clock.CITY_ZONE):%Y-%m-%d}"
    write_line(actor, dispute, act, ProfilesAct.DISPUTE_REMIND, f"答复期限 {due}")
    tell_operators(
        actor, dispute, title, f"{dispute.organisation.name}：“{label}”，期限 {due}，{ask}", act.lower()
    )  # fmt: skip
