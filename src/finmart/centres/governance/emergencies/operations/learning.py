"""Lessons, and what became of them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from finmart.centres.governance.emergencies import policies
from finmart.centres.governance.emergencies.models import Emergency, Improvement
from finmart.centres.governance.emergencies.types import EmergenciesAct, UnableToRecord
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DAYS = "emergencies.improvement_days"
LEAST_WORDS, MOST_WORDS = 4, 300


def note_improvements(actor: Actor, case_uuid: UUID, lessons: Sequence[str]) -> int:
    """Turn the lessons of a review into things to be done, replacing those of an earlier draft; return how many."""
    transactions.require()
    if not policies.can_see_all(actor):
        raise AccessDenied("改进事项只由运营人员登记")
    row = Emergency.objects.select_for_update(of=("self",)).get(case_uuid=case_uuid)
    due = clock.today() + timedelta(days=parameters_queries.integer(DAYS))
    row.improvements.filter(done_on=None).delete()
    wanted = [" ".join(lesson.split())[:MOST_WORDS] for lesson in lessons if lesson.strip()]
    Improvement.objects.bulk_create([Improvement(emergency=row, text=text, due_on=due) for text in wanted])
    audit_operations.record(actor, EmergenciesAct.IMPROVEMENT_NOTE, f"emergency:{row.uuid}", improvements=len(wanted))
    return len(wanted)


def finish_improvement(actor: Actor, improvement_id: int, text: str) -> None:
    """Write down what was done about a lesson. Raises NotFound, AccessDenied, UnableToRecord if done or wordless."""
    transactions.require()
    if not policies.can_command(actor):
        raise AccessDenied("改进事项只由运营人员办结")
    row = Improvement.objects.select_for_update().filter(pk=improvement_id).first()
    if row is None:
        raise NotFound("没有找到该改进事项")
    words = " ".join(text.split())
    if row.done_on is not None or not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise UnableToRecord(
            f"请写明落实情况，{LEAST_WORDS} 至 {MOST_WORDS} 字", field="text", remedy="已办结的不能改写"
        )
    row.done_on, row.done_text, row.done_by_id = clock.today(), words, actor.person_id
    row.save(update_fields=["done_on", "done_text", "done_by"])
    audit_operations.record(actor, EmergenciesAct.IMPROVEMENT_FINISH, f"improvement:{row.pk}")
