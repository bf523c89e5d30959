"""Who may read the trail."""

from finmart.kit.actor import Actor


def can_read_trail(actor: Actor) -> bool:
    """Is the actor operator staff with the auditor's or administrator's role?"""
    return actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")
