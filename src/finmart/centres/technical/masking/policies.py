"""Who looks, seen from whom a value belongs to; and who reads the record of what was shown in full."""

from django.db.models import Q, QuerySet

from finmart.centres.technical.masking.models import Unmasking
from finmart.centres.technical.masking.types import Viewer
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, Role
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
    if is_partner:
        return Viewer.PARTNER
    supervises = actor.organisation_kind == OrganisationKind.REGULATOR and actor.has_role(Role.REGULATOR_FINANCIAL)
    return Viewer.SUPERVISOR if supervises else Viewer.STRANGER


def readable(actor: Actor, rows: QuerySet[Unmasking]) -> QuerySet[Unmasking]:
    """Narrow to what concerns the actor or was done by the actor; who manages people reads their organisation's too.

    The operator's administrator answers for data protection and reads all.
    """
    if actor.organisation_kind == OrganisationKind.OPERATOR and actor.has_role(Role.OPERATOR_ADMINISTRATOR):
        return rows
    mine = Q(concerned_person_id=actor.person_id or 0) | Q(person_id=actor.person_id or 0)
    if actor.organisation_id is not None and parties_queries.can_manage_members(actor):
        mine |= Q(concerned_organisation_id=actor.organisation_id)
    return rows.filter(mine)
