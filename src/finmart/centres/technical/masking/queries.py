"""What an actor sees of somebody's identifiers."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from finmart.centres.technical.masking import policies, rules
from finmart.centres.technical.masking.models import Unmasking
from finmart.centres.technical.masking.types import PolicyRow, TargetKind, UnmaskingRow, UnmaskPurpose, Viewer
from finmart.kit import clock, masks
from finmart.kit.actor import Actor
from finmart.kit.grades import Shape

viewer_of = policies.viewer_of
can_unmask = rules.can_unmask


def shown(shape: Shape, text: str, viewer: Viewer) -> str:
    """Return a value as far as the viewer may see it."""
    return masks.shown(shape, text, rules.sight_of(shape, viewer))


def name_of_operator_staff(actor: Actor, full_name: str) -> str:
    """Return the name of somebody of the operator's people."""
    return shown(Shape.NAME, full_name, viewer_of(actor, is_of_operator=True))


def words_of_partner(actor: Actor, text: str, *, organisation_id: int | None) -> str:
    """Return what somebody wrote in a case the actor may see, to readers the case's own rules let near it."""
    return shown(Shape.WORDS, text, viewer_of(actor, organisation_id=organisation_id, is_partner=True))


def name_of_partner(actor: Actor, full_name: str, *, organisation_id: int | None, person_id: int | None = None) -> str:
    """Return the name of somebody who acts in a case the actor may see."""
    viewer = viewer_of(actor, person_id=person_id, organisation_id=organisation_id, is_partner=True)
    return shown(Shape.NAME, full_name, viewer)


VIEWERS = (Viewer.SELF, Viewer.COLLEAGUE, Viewer.PARTNER, Viewer.OVERSEER, Viewer.SUPERVISOR, Viewer.STRANGER)


def policy() -> list[PolicyRow]:
    """Return the table of who sees how much, for the people who answer for it."""
    return [PolicyRow(shape.label, tuple(_in_words(shape, viewer) for viewer in VIEWERS)) for shape in Shape]


def _in_words(shape: Shape, viewer: Viewer) -> str:
    if shape is Shape.WORDS:
        return "按字段规定"
    return rules.sight_of(shape, viewer).label + ("，可申请显示" if can_unmask(shape, viewer) else "")


def open_for(actor: Actor) -> dict[UUID, datetime]:
    """Return what this person may read in full right now: uuid of the target → until when."""
    if actor.person_id is None:
        return {}
    acting_for = Q(organisation=None) if actor.organisation_id is None else Q(organisation_id=actor.organisation_id)
    rows = Unmasking.objects.filter(acting_for, person_id=actor.person_id, valid_to__gt=clock.now())
    return dict(rows.order_by("valid_to").values_list("target_uuid", "valid_to"))


def shown_or_open(shape: Shape, text: str, viewer: Viewer, *, is_open: bool) -> str:
    """Return a value in full where it was unmasked for this reader, else as far as it may be seen."""
    return text if is_open and rules.can_unmask(shape, viewer) else shown(shape, text, viewer)


def unmaskings_for(actor: Actor, *, limit: int = 200) -> list[UnmaskingRow]:
    """Return who was shown what in full, the newest first: concerning the actor, by the actor, or all to the operator.

    Who manages an organisation's people reads what concerns them and the organisation too.
    """
    rows = policies.readable(actor, Unmasking.objects.all()).select_related(
        "person", "organisation", "concerned_person", "concerned_organisation"
    )
    return [_row(actor, row) for row in rows.order_by("-at", "-id")[:limit]]


def _row(actor: Actor, row: Unmasking) -> UnmaskingRow:
    whose = row.concerned_person
    name = shown(
        Shape.NAME,
        whose.full_name if whose else "",
        viewer_of(actor, person_id=row.concerned_person_id, organisation_id=row.concerned_organisation_id),
    )
    firm = row.concerned_organisation.name if row.concerned_organisation else ""
    return UnmaskingRow(
        at=row.at,
        valid_to=row.valid_to,
        viewer_name=name_of_partner(
            actor, row.person.full_name, organisation_id=row.organisation_id, person_id=row.person_id
        ),
        viewer_organisation=row.organisation.name if row.organisation else "",
        kind_label=TargetKind(row.target_kind).label,
        concerned=" ".join(part for part in (firm, name) if part),
        purpose_label=UnmaskPurpose(row.purpose).label,
        words=row.words,
        is_own_act=row.person_id == actor.person_id,
    )
