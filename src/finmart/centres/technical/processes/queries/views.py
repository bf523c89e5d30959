"""Turning rows into what an actor may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.processes import policies
from finmart.centres.technical.processes.models import SignOff, WorkItem
from finmart.centres.technical.processes.policies import Standing
from finmart.centres.technical.processes.queries.bindings import binding_of
from finmart.centres.technical.processes.queries.definitions import compiled
from finmart.centres.technical.processes.queries.targets import targets_of
from finmart.centres.technical.processes.rules import is_acted_on
from finmart.centres.technical.processes.types import (
    DeadlineState,
    ItemState,
    ItemView,
    OutcomeOption,
    ProcessesAct,
    ReturnTarget,
    SeatState,
    SignerView,
)
from finmart.integrations.bpmn.model import Model, Node, Step
from finmart.integrations.bpmn.state import State
from finmart.kit import clock
from finmart.kit.actor import Actor

_WORK = frozenset({
    ProcessesAct.ITEM_COMPLETE, ProcessesAct.ITEM_RETURN, ProcessesAct.ITEM_TRANSFER, ProcessesAct.ITEM_DELEGATE,
    ProcessesAct.ITEM_ADD_SIGNER,
})  # fmt: skip


def names_of(items: Iterable[WorkItem]) -> Mapping[int, str]:
    """Return person id → name of everybody at these items, in one query."""
    ids = {
        person
        for item in items
        for row in item.sign_offs.all()
        for person in (row.person_id, row.delegate_id, row.signed_by)
        if person is not None
    }
    return {key: person.full_name for key, person in parties_queries.persons(ids).items()} if ids else {}


def is_own_side(standing: Standing, item: WorkItem, seats: Sequence[SignOff]) -> bool:
    """Does the actor belong to who holds the item, sign at it, or oversee everything?"""
    actor = standing.actor
    if policies.can_oversee(actor):
        return True
    if item.organisation_id is not None and item.organisation_id == actor.organisation_id:
        return True
    at_it = {person for row in seats for person in (row.person_id, row.delegate_id, row.signed_by)}
    return not at_it.union({item.lane_person_id}).isdisjoint(standing.persons)


def step_of(model: Model, element: str) -> tuple[Node, Step]:
    node = model.nodes[element]
    return node, node.step or Step()


def view(standing: Standing, item: WorkItem, names: Mapping[int, str]) -> ItemView:
    """Return one row of a list; needs instance, definition, deadline and sign-offs loaded."""
    instance = item.instance
    node, step = step_of(compiled(instance.definition).model, item.step)
    seats = [row for row in item.sign_offs.all() if row.state in policies.ACTIVE_SEATS]
    seats.sort(key=lambda row: row.position)
    is_own = is_own_side(standing, item, seats)
    labels = {row.code: row.label for row in step.outcomes}
    deadline = item.deadline if hasattr(item, "deadline") else None
    due_at = deadline.due_at if deadline else None
    return ItemView(
        uuid=item.uuid, instance_uuid=instance.uuid, case_uuid=instance.case_uuid,
        process_key=instance.process_key, process_name=instance.definition.name, step=item.step,
        name=node.name or item.step, lane=item.lane, organisation_id=item.organisation_id, clause=step.clause,
        form=step.form, state=ItemState(item.state), outcome=item.outcome if is_own else "",
        outcome_label=labels.get(item.outcome, "") if is_own else "",
        outcomes=tuple(OutcomeOption(row.code, row.label, row.positive) for row in step.outcomes),
        sign_off=item.sign_off, seats=item.seats, signed=sum(row.state == SeatState.SIGNED for row in seats),
        signers=_signers(standing, item, seats, names) if is_own else (), opened_at=item.opened_at,
        closed_at=item.closed_at, due_at=due_at,
        is_paused=deadline is not None and deadline.state == DeadlineState.PAUSED,
        is_overdue=item.state == ItemState.OPEN and due_at is not None and due_at < clock.now(),
        deadline_source=deadline.source if deadline else "", acts=acts_on(standing, item, seats),
    )  # fmt: skip


def full_view(standing: Standing, item: WorkItem, names: Mapping[int, str]) -> ItemView:
    """Return an item with its return targets and variables, where the actor works on it."""
    row = view(standing, item, names)
    model, state = compiled(item.instance.definition).model, State.load(item.instance.tokens)
    acts = set(row.acts)
    if ProcessesAct.ITEM_WITHDRAW in acts and item.state == ItemState.DONE:
        has_effect = binding_of(item.instance.process_key, item.step) is not None
        lost = has_effect or item.activation not in state.activations or is_acted_on(model, state, item.activation)
        acts -= {ProcessesAct.ITEM_WITHDRAW} if lost else set()
    if ProcessesAct.ITEM_COMPLETE not in acts:
        return replace(row, acts=frozenset(acts))
    targets = tuple(
        ReturnTarget(found.node, model.nodes[found.node].name, model.nodes[found.node].lane)
        for found in targets_of(item.instance, model, state, item.activation)
    )
    if not targets:
        acts.discard(ProcessesAct.ITEM_RETURN)
    return replace(row, acts=frozenset(acts), return_targets=targets, variables=dict(item.instance.variables))


def acts_on(standing: Standing, item: WorkItem, seats: Sequence[SignOff]) -> frozenset[ProcessesAct]:
    """Return what the actor may do with an item now. (Lists offer RETURN and WITHDRAW without reading the tokens;
    ``item_for`` says for certain.)
    """
    actor, instance = standing.actor, item.instance
    if not policies.is_running(instance) or actor.person_id is None:
        return frozenset()
    acts: set[ProcessesAct] = set()
    if policies.is_party(actor, instance):
        acts.add(ProcessesAct.ITEM_COPY)
    if any(row.signed_by == actor.person_id for row in seats) and item.state in {ItemState.OPEN, ItemState.DONE}:
        acts.add(ProcessesAct.ITEM_WITHDRAW)
    if item.state != ItemState.OPEN:
        return frozenset(acts)
    if policies.can_urge(actor, instance, item):
        acts.add(ProcessesAct.ITEM_URGE)
    if not policies.is_recused(actor, instance, item):
        acts |= _work_on(standing, item, seats)
    return frozenset(acts)


def _work_on(standing: Standing, item: WorkItem, seats: Sequence[SignOff]) -> set[ProcessesAct]:
    """Return what somebody may do who works on the open item, or could take a free seat of it."""
    actor, acts = standing.actor, set[ProcessesAct]()
    seat = policies.own_seat(standing, seats)
    if seat is not None and actor.person_id not in item.barred:
        acts |= _WORK
        acts -= {ProcessesAct.ITEM_DELEGATE} if seat.delegate_id else set()
        acts |= set() if seat.is_named or seat.delegate_id else {ProcessesAct.ITEM_RELEASE}
    elif policies.free_seat_holder(standing, item, seats) is not None:
        acts |= _WORK | {ProcessesAct.ITEM_CLAIM}
    if acts and len(seats) > 1:
        acts.add(ProcessesAct.ITEM_REMOVE_SIGNER)
    if acts and policies.may_recuse(actor, item.instance, item):
        acts.add(ProcessesAct.ITEM_RECUSE)
    return acts


def overseen(actor: Actor, name: str, person_id: int | None) -> str:
    """Return the name of who acted, to who oversees a process of others; the system's own name is nobody's."""
    return (
        masking_queries.name_of_partner(actor, name, organisation_id=None, person_id=person_id) if person_id else name
    )


def words_overseen(actor: Actor, text: str) -> str:
    """Return what somebody wrote, to who oversees a process of others."""
    return masking_queries.words_of_partner(actor, text, organisation_id=None)


def _signers(
    standing: Standing, item: WorkItem, seats: Sequence[SignOff], names: Mapping[int, str]
) -> tuple[SignerView, ...]:
    actor = standing.actor
    is_of_others = item.organisation_id is None or item.organisation_id != actor.organisation_id
    if not (is_of_others and policies.can_oversee(actor)):
        return tuple(_signer(row, names) for row in seats)
    masked = {person: overseen(actor, name, person) for person, name in names.items()}
    rows = [_signer(row, masked) for row in seats]
    return tuple(replace(row, opinion=words_overseen(actor, row.opinion)) for row in rows)


def _signer(row: SignOff, names: Mapping[int, str]) -> SignerView:
    deputy = row.signed_by if row.signed_by not in (None, row.person_id) else None
    return SignerView(
        row.person_id, names.get(row.person_id, ""), SeatState(row.state), row.outcome, row.opinion, row.signed_at,
        names.get(deputy, "") if deputy else "", names.get(row.delegate_id, "") if row.delegate_id else "",
    )  # fmt: skip
