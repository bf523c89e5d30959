"""Who may appeal, and who finds on an appeal."""

from collections.abc import Collection

from finmart.centres.governance.feedback.types import OF_FIRMS, AppealSubject
from finmart.centres.technical.parties.types import INSTITUTION_KINDS, OrganisationKind, Role
from finmart.kit.actor import Actor

SPEAKERS = (
    Role.ENTERPRISE_CLERK, Role.ENTERPRISE_LEGAL_PERSON, Role.INSTITUTION_ACCOUNT_MANAGER,
    Role.INSTITUTION_ADMINISTRATOR,
)  # fmt: skip


def can_appeal(actor: Actor) -> bool:
    """May the actor speak for a firm or an institution against the platform?"""
    kinds = {OrganisationKind.ENTERPRISE, *INSTITUTION_KINDS}
    return actor.organisation_kind in kinds and actor.has_role(*SPEAKERS)


def may_be_about(actor: Actor, subject: AppealSubject) -> bool:
    """Is this something the actor's kind of organisation may appeal against?"""
    return (subject in OF_FIRMS) == (actor.organisation_kind == OrganisationKind.ENTERPRISE)


def can_find(actor: Actor) -> bool:
    """Is the actor a person of the operator?"""
    return (
        actor.person_id is not None
        and actor.organisation_kind == OrganisationKind.OPERATOR
        and actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)
    )


def may_find_on(actor: Actor, organisation_id: int, deciders: Collection[int]) -> bool:
    """Is it somebody who neither took the decision nor is tied to the party? (The database asks the first, too.)"""
    return actor.person_id not in deciders and organisation_id not in actor.conflicts
