"""Who may see, work on and steer. Pure questions over rows that are already in hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.centres.technical.processes.models import Instance, SignOff, WorkItem
from finmart.centres.technical.processes.types import InstanceState, SeatState
from finmart.integrations.bpmn.model import SignOffKind
from finmart.kit.actor import Actor

ACTIVE_SEATS = frozenset({SeatState.OPEN, SeatState.WAITING, SeatState.SIGNED})


@dataclass(frozen=True, slots=True)
class Standing:
    """An actor with the colleagues they stand in for: person id → the roles that person holds here."""

    actor: Actor
    absent: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def persons(self) -> tuple[int, ...]:
        """Return whose seats this actor may use, the own person first."""
        own = () if self.actor.person_id is None else (self.actor.person_id,)
        return (*own, *self.absent)

    def roles_of(self, person_id: int) -> frozenset[str]:
        return self.actor.roles if person_id == self.actor.person_id else self.absent[person_id]


def can_deploy(actor: Actor) -> bool:
    """May the actor bring in a new version of a process model?"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR_ADMINISTRATOR)


def can_steer(actor: Actor) -> bool:
    """May the actor suspend, resume and terminate processes, and assign lanes?"""
    return bool(actor.system) or actor.has_role(Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def can_terminate(actor: Actor, instance: Instance) -> bool:
    """May the actor break the process off? (Who steers, and who started it.)"""
    return can_steer(actor) or (actor.person_id is not None and actor.person_id == instance.started_by)


def can_oversee(actor: Actor) -> bool:
    """May the actor read every process, with names masked and without what people wrote?"""
    return can_steer(actor)


def is_party(actor: Actor, instance: Instance) -> bool:
    """Does the actor, or the organisation acted for, hold a lane, or did the actor start the process?"""
    if actor.person_id is not None and actor.person_id == instance.started_by:
        return True
    holders = instance.lanes.values()
    if actor.organisation_id is not None and any(h["organisation_id"] == actor.organisation_id for h in holders):
        return True
    return actor.person_id is not None and any(h["person_id"] == actor.person_id for h in holders)


def can_see_instance(actor: Actor, instance: Instance) -> bool:
    """May the actor know that this process exists and how far it is?"""
    return can_oversee(actor) or is_party(actor, instance)


def can_pause(actor: Actor, instance: Instance) -> bool:
    """May the actor declare that a party owes something? (Any party, and who steers.)"""
    return can_steer(actor) or is_party(actor, instance)


def can_urge(actor: Actor, instance: Instance, item: WorkItem) -> bool:
    """May the actor ask for speed? (Parties of the process who do not hold the item themselves.)"""
    return can_see_instance(actor, instance) and actor.organisation_id != item.organisation_id


def counterparts(instance: Instance, item: WorkItem) -> set[int]:
    """Return the organisations that hold the other lanes: those the item is about."""
    holders = instance.lanes.values()
    return {h["organisation_id"] for h in holders if h["organisation_id"]} - {item.organisation_id}


def is_recused(actor: Actor, instance: Instance, item: WorkItem) -> bool:
    """Must the actor step aside (回避): tied to the other side, or the other side themselves (clause P5)?

    What is asked is in hand: the lanes with the item, the ties with the actor. A firm's own people do not decide.
    """
    if actor.organisation_kind == OrganisationKind.ENTERPRISE or item.organisation_id is None:
        return False
    others = {h["person_id"] for name, h in instance.lanes.items() if name != item.lane} - {None}
    return actor.person_id in others or not actor.conflicts.isdisjoint(counterparts(instance, item))


def may_recuse(actor: Actor, instance: Instance, item: WorkItem) -> bool:
    """May somebody who works on the item declare a conflict of interest? (There is another side, and they decide.)"""
    return actor.organisation_kind != OrganisationKind.ENTERPRISE and bool(counterparts(instance, item))


def own_seat(standing: Standing, seats: Iterable[SignOff]) -> SignOff | None:
    """Return the taken seat this actor may act on now: own, delegated to them, or of a colleague who is away."""
    rows = [row for row in seats if row.state == SeatState.OPEN]
    for person in standing.persons:
        for row in rows:
            if (row.delegate_id or row.person_id) == person:
                return row
    return None


def free_seat_holder(standing: Standing, item: WorkItem, seats: Iterable[SignOff]) -> int | None:
    """Return for whom the actor could take a free seat of the item: themselves, a colleague who is away, or nobody."""
    rows = [row for row in seats if row.state in ACTIVE_SEATS]
    in_line = item.sign_off == SignOffKind.IN_TURN and any(row.state != SeatState.SIGNED for row in rows)
    if len(rows) >= item.seats or in_line or standing.actor.person_id in item.barred:
        return None
    if is_recused(standing.actor, item.instance, item):
        return None
    seated = {row.person_id for row in rows} | {row.signed_by for row in rows}
    if standing.actor.person_id in seated:
        return None
    for person in standing.persons:
        if person not in item.barred and person not in seated and _may_sit(standing, person, item):
            return person
    return None


def _may_sit(standing: Standing, person: int, item: WorkItem) -> bool:
    if item.lane_person_id is not None:
        return person == item.lane_person_id
    if item.organisation_id is None or standing.actor.organisation_id != item.organisation_id:
        return False
    return not item.roles or not standing.roles_of(person).isdisjoint(item.roles)


def is_running(instance: Instance) -> bool:
    """Do people act on this process now?"""
    return instance.state == InstanceState.ACTIVE
