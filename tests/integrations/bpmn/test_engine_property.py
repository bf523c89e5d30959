"""Random models, random legal acts, two thousand runs: the engine against the tree that knows no tokens."""

import itertools
import json
import random
from collections import Counter
from fractions import Fraction

import pytest

from factories.process_models import Drawn, Written
from factories.process_trees import DONE, Tree
from finmart.centres.technical.processes import rules
from finmart.integrations import bpmn
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.model import WAITING, Outcome, SignOffKind
from finmart.integrations.bpmn.state import State

RUNS, BATCHES = 2_000, 20
LONGEST_RUN = 1_000


def draw_variables(rng, tree, *, calm):
    values = {}
    for block in tree.walk():
        if block.kind == "xor":
            values[block.name] = rng.randrange(len(block.parts))
        elif block.kind == "or":
            values[block.name] = [n for n in range(len(block.parts)) if rng.random() < 0.5]
        elif block.kind == "loop":
            values[block.name] = not calm and rng.random() < 0.35
    return values


OUTCOMES = (Outcome("APPROVE", "同意", positive=True), Outcome("REFUSE", "不同意"))


def by_all_endings(kind, seats, votes):
    """Return the outcome that every way of signing the free seats would lead to, or None while they differ."""
    if kind in {"SINGLE", "ANY"} and seats:
        return votes[0] if votes else None
    wanted = Fraction(2, 3) if kind == "VOTE" else 1
    rest = itertools.product((True, False), repeat=seats - len(votes))
    yes = sum(vote == "APPROVE" for vote in votes)
    ends = {yes + sum(ending) >= wanted * seats for ending in rest}
    return None if len(ends) > 1 else "APPROVE" if ends.pop() else "REFUSE"


class Run:
    """One case played twice: by the engine (restored from its dump before every act) and by the tree."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.block = Drawn(seed, size=self.rng.randint(3, 16)).model()
        self.model = bpmn.read(Written(self.block).xml)
        self.variables = draw_variables(self.rng, self.block, calm=False)
        self.tree = Tree(self.block, self.variables)
        self.state, _ = engine.start(self.model, self.variables, lambda _: None)
        self.twin = State.load(self.state.dump())
        self.signing = {}

    def check(self):
        state, model = self.state, self.model
        ended = self.tree.ended
        assert state.ended == ended
        if ended:
            assert not list(state.live())
            return
        engine_alive = Counter(a.node for a in state.live() if model.nodes[a.node].kind in WAITING)
        assert engine_alive == Counter(r.block.name for r in self.tree.alive())
        assert Counter(t.node for t in state.waiting if t.flow) == Counter(self.tree.arrivals())

    def activation_of(self, record):
        """Pair the records of one element with its activations by age."""
        same = [r for r in self.tree.alive() if r.block.name == record.block.name]
        live = sorted(a.id for a in self.state.live() if a.node == record.block.name)
        return live[same.index(record)]

    def both(self, act, *arguments):
        """Let the engine act on a state saved and restored, and on one never saved: both must come out alike."""
        stored = json.loads(json.dumps(self.state.dump()))
        self.state = State.load(stored)
        assert self.state.dump() == stored
        effects = act(self.model, self.state, *arguments, self.variables, lambda _: None)
        assert effects == act(self.model, self.twin, *arguments, self.variables, lambda _: None)
        assert self.state.dump() == self.twin.dump()

    def step(self, *, calm):
        self.variables.update(draw_variables(self.rng, self.block, calm=calm))
        open_items = [r for r in self.tree.alive() if r.block.kind != "sub"]
        timers = self.tree.timers()
        if timers and self.rng.random() < 0.2:
            record = self.rng.choice(timers)
            self.both(engine.fire_boundary, self.activation_of(record.parts[0]), f"{record.block.name}_timer")
            self.tree.fire(record)
            return
        item = self.rng.choice(open_items)
        activation = self.activation_of(item)
        if item.block.kind == "step":
            targets = self.tree.targets(item)
            offered = {a.node: a.id for a in engine.earlier_steps(self.model, self.state, activation)}
            assert offered.keys() == targets.keys()
            if targets and not calm and self.rng.random() < 0.3:
                name = self.rng.choice(sorted(targets))
                self.both(engine.return_to, offered[name])
                self.tree.rewind(targets[name])
                return
        if item.block.kind == "step" and not self.sign(item.block.sign_off, activation):
            return
        self.both(engine.complete, activation)
        item.state = DONE
        self.tree.settle(self.tree.root)

    def sign(self, kind, activation):
        """Add or remove a signer, or sign; return whether the step is decided, by rule and by trying all endings."""
        seats, votes = self.signing.setdefault(activation, [1 if kind == "SINGLE" else self.rng.randint(0, 4), []])
        draw = self.rng.random()
        if draw < 0.1:
            seats += 1
        elif draw < 0.2 and seats - 1 >= max(1, len(votes)):
            seats -= 1
        elif seats:
            votes.append("APPROVE" if self.rng.random() < 0.7 else "REFUSE")
        kind = "ALL" if kind == "SINGLE" and seats > 1 else kind
        self.signing[activation] = [seats, votes]
        decided = rules.decide(SignOffKind(kind), Fraction(2, 3), seats, votes, OUTCOMES)
        assert decided == by_all_endings(kind, seats, votes)
        return decided is not None


def play(seed):
    run = Run(seed)
    run.check()
    for count in range(LONGEST_RUN):
        if run.state.ended:
            return count
        run.step(calm=count > 40)
        run.check()
    pytest.fail(f"model {seed} never ended")


@pytest.mark.clause("A6")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_alive_is_exactly_what_should_be(batch):
    size = RUNS // BATCHES
    acts = sum(play(seed) for seed in range(batch * size, (batch + 1) * size))
    assert acts > size
