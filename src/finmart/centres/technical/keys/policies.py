"""Who may handle keys."""

from finmart.kit.actor import Actor


def can_handle_keys(actor: Actor) -> bool:
    """Is this the command or the job? Keys are files of the machine: who may run the command there may handle them."""
    return bool(actor.system)
