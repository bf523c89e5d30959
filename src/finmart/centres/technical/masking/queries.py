"""What an actor sees of somebody's identifiers."""

from finmart.centres.technical.masking import policies, rules
from finmart.centres.technical.masking.types import Viewer
from finmart.kit import masks
from finmart.kit.actor import Actor
from finmart.kit.grades import Shape

viewer_of = policies.viewer_of


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
