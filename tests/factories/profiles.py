"""Facts of a firm, recorded through operations."""

from finmart.centres.data.profiles import operations
from finmart.centres.data.profiles.types import RecordedFact
from finmart.kit import clock
from finmart.kit.actor import Actor


def facts(organisation_id, **values):
    """Record facts by code as of today, as a registry would."""
    day = clock.today()
    return operations.record_facts(
        Actor.of_system("factory"),
        [RecordedFact(organisation_id, code, value, day, "样例登记") for code, value in values.items()],
    )
