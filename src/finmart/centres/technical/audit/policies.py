"""Who may read the trail."""

from finmart.kit.actor import Actor


def can_read_trail(actor: Actor) -> bool:
    """Is the actor operator staff, or the platform itself that looks up who decided?"""
    return bool(actor.system) or (
        actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")
    )
