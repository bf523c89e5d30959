"""What happens to people that others must react to."""

from dataclasses import dataclass

from finmart.kit.events import Event


@dataclass(frozen=True, slots=True)
class ConflictRecorded(Event):
    """A person has an interest in an organisation from now on; what they hold that concerns it goes to others."""

    person_id: int
    organisation_id: int
