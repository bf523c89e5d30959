"""For whom an actor may act."""

from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes.policies import Standing
from finmart.kit.actor import Actor


def standing_of(actor: Actor) -> Standing:
    """Return the actor with the colleagues they stand in for at this moment and those colleagues' roles here."""
    absent = {}
    for person in parties_queries.absent_persons_of(actor):
        places = parties_queries.memberships_of(person)
        absent[person] = frozenset(
            role for place in places if place.organisation.id == actor.organisation_id for role in place.roles
        )
    return Standing(actor, absent)
