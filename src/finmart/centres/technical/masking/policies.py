"""Who looks, seen from whom a value belongs to."""

from finmart.centres.technical.masking.types import Viewer
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.kit.actor import Actor


def viewer_of(
    actor: Actor,
    *,
    person_id: int | None = None,
    organisation_id: int | None = None,
    is_partner: bool = False,
    is_of_operator: bool = False,
) -> Viewer:
    """Say who the actor is to a person, or to the people of an organisation.

    ``is_partner``: both take part in one case; the caller, who knows the case, says so. ``is_of_operator``: the person
    works for the operator, whose people are colleagues of each other.
    """
    if actor.system:
        return Viewer.SYSTEM
    if person_id is not None and person_id == actor.person_id:
        return Viewer.SELF
    if organisation_id is not None and organisation_id == actor.organisation_id:
        return Viewer.COLLEAGUE
    if actor.organisation_kind == OrganisationKind.OPERATOR:
        return Viewer.COLLEAGUE if is_of_operator else Viewer.OVERSEER
    return Viewer.PARTNER if is_partner else Viewer.STRANGER
