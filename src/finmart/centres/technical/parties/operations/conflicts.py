"""Interests on record, so that nobody decides about an organisation they are tied to (回避, clause P5)."""

from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parties import policies
from finmart.centres.technical.parties.events import ConflictRecorded
from finmart.centres.technical.parties.models import ConflictOfInterest, Membership, Organisation
from finmart.centres.technical.parties.types import ConflictKind, PartiesAct, UnableToEnd
from finmart.kit import clock, events, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal

LONGEST_NOTE = 500


def record_conflict(actor: Actor, *, person_id: int, organisation_id: int, kind: ConflictKind, note: str = "") -> int:
    """Record that a person is tied to an organisation: oneself, or a member of the organisation one manages.

    Recording the same again changes nothing. Raises AccessDenied, NotFound for an unknown organisation, Refusal for
    one's own and for a note too long.
    """
    transactions.require()
    if not policies.can_record_conflict(actor, person_id) or not (actor.system or _is_colleague(actor, person_id)):
        raise AccessDenied("只能申报本人的利害关系；机构管理员可以登记本机构人员的")
    if organisation_id == actor.organisation_id:
        raise Refusal("不能登记与本机构的利害关系", field="credit_code")
    if len(note) > LONGEST_NOTE or "\x00" in note:
        raise Refusal(f"说明最多 {LONGEST_NOTE} 字", field="note")
    if not Organisation.objects.filter(pk=organisation_id).exists():
        raise NotFound("没有找到该企业")
    row, made = ConflictOfInterest.objects.get_or_create(
        person_id=person_id, organisation_id=organisation_id, kind=kind, valid_to=None,
        defaults={"note": note.strip(), "recorded_by_id": actor.person_id, "valid_from": clock.now()},
    )  # fmt: skip
    if made:
        audit_operations.record(
            actor, PartiesAct.CONFLICT_RECORD, f"person:{person_id}", organisation=organisation_id, kind=str(kind)
        )
        events.publish(ConflictRecorded(person_id, organisation_id))
    return row.pk


def end_conflict(actor: Actor, conflict_id: int) -> None:
    """End an interest that is over; not the person themselves, but who manages their organisation's people.

    Raises NotFound, AccessDenied, UnableToEnd where it has ended.
    """
    transactions.require()
    row = ConflictOfInterest.objects.select_for_update().filter(pk=conflict_id).first()
    if row is None or not (actor.system or _is_colleague(actor, row.person_id)):
        raise NotFound("没有找到该登记")
    if not policies.can_end_conflict(actor, row.person_id):
        raise AccessDenied("利害关系由机构管理员核实后解除，本人不能解除自己的登记")
    if row.valid_to is not None:
        raise UnableToEnd("该登记已经解除")
    row.valid_to = clock.now()
    row.save(update_fields=["valid_to"])
    audit_operations.record(actor, PartiesAct.CONFLICT_END, f"person:{row.person_id}", organisation=row.organisation_id)


def _is_colleague(actor: Actor, person_id: int) -> bool:
    own = Membership.objects.filter(person_id=person_id, organisation_id=actor.organisation_id or 0, valid_to=None)
    return person_id == actor.person_id or own.exists()
