"""Every journey's model, walked at random, saved and restored before every act: nothing is lost on the way."""

import json
import random

import pytest

from finmart.config import deployment
from finmart.integrations import bpmn
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.model import Kind
from finmart.integrations.bpmn.state import State

RUNS, LONGEST = 20, 60
# What conditions ask for beside outcomes.
KNOWN = {
    "regulator_called": (True, False), "security_required": (True, False), "joint_liability": (True, False),
    "condition_count": (0, 2),
}  # fmt: skip


def _walked(model, seed):
    """Return how many acts a walk took and whether it ended, twin states compared at each."""
    rng = random.Random(seed)
    variables = {name: rng.choice(values) for name, values in KNOWN.items()}
    state, _ = engine.start(model, variables, lambda _: None)
    twin = State.load(state.dump())
    for acts in range(LONGEST):
        if state.ended:
            return acts, True
        activation = rng.choice(sorted(one.id for one in state.live()))
        node = model.nodes[state.activations[activation].node]
        assert node.kind is Kind.STEP
        options = [one.code for one in node.step.outcomes] or ["DONE"]
        # Late in a walk the way on is taken, so that it ends.
        variables[f"{node.id}_outcome"] = rng.choice(options) if acts < LONGEST // 3 else options[0]
        stored = json.loads(json.dumps(state.dump()))
        state = State.load(stored)
        assert state.dump() == stored
        effects = engine.complete(model, state, activation, variables, lambda _: None)
        assert effects == engine.complete(model, twin, activation, variables, lambda _: None)
        assert state.dump() == twin.dump()
    return LONGEST, state.ended


@pytest.mark.clause("A6")
@pytest.mark.parametrize("file", deployment.models(), ids=lambda file: file.parent.name)
def test_a_model_comes_out_alike_saved_or_not(file):
    model = bpmn.read(file.read_text(encoding="utf-8"))
    visited = [_walked(model, seed) for seed in range(RUNS)]
    assert all(ended for _, ended in visited)
    assert max(acts for acts, _ in visited) >= len({node.id for node in model.steps()}) // 2
