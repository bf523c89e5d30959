"""Random models and acts through the operations, on PostgreSQL, against the tree that knows no tokens and no rows."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from factories.process_models import Drawn
from factories.process_trees import DONE, Tree
from factories.processes import SYSTEM, Bank
from finmart.centres.technical.processes import operations, queries
from finmart.centres.technical.processes.models import Deadline, Instance, SignOff, WorkItem
from finmart.centres.technical.processes.types import (
    DeadlineState,
    InstanceState,
    ItemState,
    ProcessesAct,
    SeatState,
    UnableToWithdraw,
)
from finmart.kit import clock
from finmart.kit.errors import Conflict

RUNS = 50
LONGEST_RUN = 150


class Run:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.block = Drawn(seed + 10_000, size=self.rng.randint(3, 7)).model()
        for block in self.block.walk():
            if block.kind == "service":
                operations.bind("random", {block.name: lambda _: None})
        self.variables = self.draw(calm=False)
        self.tree = Tree(self.block, self.variables)
        self.bank = Bank(self.block, size=4, variables={**self.variables, "signers": 2}, key="random")
        self.latest, self.days = None, 0

    def draw(self, *, calm):
        values = {}
        for block in self.block.walk():
            if block.kind == "xor":
                values[block.name] = self.rng.randrange(len(block.parts))
            elif block.kind == "or":
                values[block.name] = [n for n in range(len(block.parts)) if self.rng.random() < 0.5]
            elif block.kind == "loop":
                values[block.name] = not calm and self.rng.random() < 0.3
        return values

    @property
    def items(self):
        return list(WorkItem.objects.filter(instance__uuid=self.bank.uuid, state=ItemState.OPEN).order_by("activation"))

    def check(self):
        instance = Instance.objects.get(uuid=self.bank.uuid)
        assert (instance.state == InstanceState.COMPLETED) == self.tree.ended
        alive = [] if self.tree.ended else self.tree.alive()
        steps = [record.block.name for record in alive if record.block.kind == "step"]
        assert Counter(item.step for item in self.items) == Counter(steps), "no lost item, none on a dead branch"
        seats = SignOff.objects.filter(item__instance=instance, state__in=[SeatState.OPEN, SeatState.WAITING])
        assert not seats.exclude(item__state=ItemState.OPEN).exists(), "no seat on a closed item"
        if self.rng.random() < 0.3:
            waiting = {row.uuid for person in self.bank.people for row in queries.open_items_for(person)}
            assert waiting == {item.uuid for item in self.items}, "somebody sees every item, nobody a dead one"
        clocks = Deadline.objects.filter(instance=instance, state=DeadlineState.RUNNING)
        wanted = [r.block.name for r in alive if r.block.kind == "wait"]
        wanted += [] if self.tree.ended else [f"{r.block.name}_timer" for r in self.tree.timers()]
        assert Counter(row.element for row in clocks) == Counter(wanted), "clocks run for exactly what waits"

    def record_of(self, item):
        same = [row for row in self.items if row.step == item.step]
        records = [r for r in self.tree.alive() if r.block.name == item.step]
        return records[same.index(item)]

    def act(self, *, calm):
        if (self.rng.random() < 0.2 or not self.items) and self.fire():
            return
        item = self.rng.choice(self.items)
        people = self.rng.sample(self.bank.people, len(self.bank.people))
        person = next(p for p in people if ProcessesAct.ITEM_COMPLETE in queries.item_for(p, item.uuid).acts)
        draw = self.rng.random()
        if draw < 0.15 and not calm:
            self.go_back(person, item)
        elif draw < 0.25 and not calm and self.latest:
            self.take_back()
        elif draw < 0.45 and not calm:
            self.reseat(person, item)
        else:
            self.sign(person, item, calm=calm)

    def fire(self):
        rows = list(Deadline.objects.filter(instance__uuid=self.bank.uuid, state=DeadlineState.RUNNING).order_by("id"))
        if not rows:
            return False
        row = self.rng.choice(rows)
        if row.kind == "WAIT":
            same = [r for r in rows if r.element == row.element]
            records = [r for r in self.tree.alive() if r.block.name == row.element]
            act = self.tree.complete
        else:
            same = sorted((r for r in rows if r.element == row.element), key=lambda r: r.activation)
            records = [r for r in self.tree.timers() if f"{r.block.name}_timer" == row.element]
            records.sort(key=lambda r: r.parts[0].number)
            act = self.tree.fire
        self.days += 2  # what an earlier timer started began at that later moment
        with clock.moved_to(clock.now() + timedelta(days=self.days)):
            assert operations.fire(SYSTEM, row.pk)
            assert not operations.fire(SYSTEM, row.pk)
        act(records[same.index(row)])
        return True

    def go_back(self, person, item):
        view = queries.item_for(person, item.uuid)
        targets = self.tree.targets(self.record_of(item))
        assert {target.step for target in view.return_targets} == set(targets)
        if targets:
            name = self.rng.choice(sorted(targets))
            operations.return_to(person, item.uuid, name, opinion="退回")
            self.tree.rewind(targets[name])
            self.latest = None

    def take_back(self):
        person, uuid, record = self.latest
        offered = ProcessesAct.ITEM_WITHDRAW in queries.item_for(person, uuid).acts
        try:
            operations.withdraw(person, uuid)
        except (UnableToWithdraw, Conflict):
            return
        assert offered
        self.tree.rewind(record)
        self.latest = None

    def reseat(self, person, item):
        acts = queries.item_for(person, item.uuid).acts
        seated = set(
            SignOff.objects.filter(item=item).exclude(state=SeatState.REMOVED).values_list("person_id", flat=True)
        )
        free = [p.person_id for p in self.bank.people if p.person_id not in seated and p is not person]
        choice = self.rng.choice(sorted(acts))
        if choice == ProcessesAct.ITEM_CLAIM:
            operations.claim(person, item.uuid)
        elif choice == ProcessesAct.ITEM_RELEASE:
            operations.release(person, item.uuid)
        elif choice == ProcessesAct.ITEM_TRANSFER and free:
            operations.transfer(person, item.uuid, person_id=free[0])
        elif choice == ProcessesAct.ITEM_ADD_SIGNER and len(free) > 1 and item.seats < 3:
            operations.add_signer(person, item.uuid, person_ids=free[:1])

    def sign(self, person, item, *, calm):
        record = self.record_of(item)
        values = self.draw(calm=calm)
        self.variables.update(values)
        result = operations.complete(
            person, item.uuid, self.rng.choice(["APPROVE", "APPROVE", "REFUSE"]), values=values
        )
        with pytest.raises(Conflict):
            operations.complete(person, item.uuid, "APPROVE")
        if result.decided:
            record.state = DONE
            self.tree.settle(self.tree.root)
            self.latest = (person, item.uuid, record)


@pytest.mark.clause("A6")
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(RUNS))
def test_rows_are_exactly_what_should_be_alive(seed):
    run = Run(seed)
    run.check()
    for count in range(LONGEST_RUN):
        if run.tree.ended:
            return
        run.act(calm=count > 10)
        run.check()
    pytest.fail("never ended")
