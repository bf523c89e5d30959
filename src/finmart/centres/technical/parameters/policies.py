"""Who may read and set the platform's parameters (clause B13)."""

from finmart.kit.actor import Actor


def can_read_settings(actor: Actor) -> bool:
    """Is the actor operator staff?"""
    return actor.organisation_kind == "OPERATOR" and actor.has_role("OPERATOR", "OPERATOR_ADMINISTRATOR")


def can_set(actor: Actor) -> bool:
    """May the actor change a setting or a day? The same people who may read them."""
    return can_read_settings(actor)


def can_load_pack(actor: Actor) -> bool:
    """Only the platform itself loads a pack, while it migrates."""
    return bool(actor.system)
