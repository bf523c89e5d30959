"""Who acts: a person for an organisation, or a named part of the system itself."""

from dataclasses import dataclass, field

PERSON = "person:"  # how a label begins that stands for a person


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one organisation with the roles held there, for the length of a request or a job.

    ``roles`` holds role codes of that organisation only. ``trace_id`` ties audit rows, logs and error pages
    of one request together. An actor without person and system name is a visitor. ``conflicts`` are organisations the
    person has an interest in and must not decide about (回避).
    """

    person_id: int | None = None
    person_name: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    organisation_kind: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    system: str = ""
    trace_id: str = ""
    conflicts: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_visitor(self) -> bool:
        return self.person_id is None and not self.system

    @property
    def label(self) -> str:
        """What records keep of who acted. Never a person's name: it is sealed with the person and found at reading."""
        return self.system or (f"{PERSON}{self.person_id}" if self.person_id is not None else "访客")

    def has_role(self, *codes: str) -> bool:
        """Return whether the actor holds any of the role codes in the organisation acted for."""
        return not self.roles.isdisjoint(codes)

    @classmethod
    def visitor(cls, trace_id: str = "") -> "Actor":
        return cls(trace_id=trace_id)

    @classmethod
    def of_system(cls, name: str) -> "Actor":
        """Return the actor of a job or an import; ``name`` says which (``reaper``, ``outbox``)."""
        return cls(system=name)
