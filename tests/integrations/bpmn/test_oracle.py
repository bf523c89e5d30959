"""SpiffWorkflow as oracle: on forward runs both engines wait at the same steps. And why it is not the runner."""

import io
import random
from collections import Counter

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from factories.process_models import Block, Drawn, Written
from finmart.integrations import bpmn
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.model import Kind

MODELS = 120


def spiff_of(block, variables):
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(Written(block).xml.encode())))
    workflow = BpmnWorkflow(parser.get_spec("model"), parser.get_subprocess_specs("model"))
    workflow.get_tasks()[0].data.update(variables)
    workflow.do_engine_steps()
    return workflow


def waiting(workflow):
    return [t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]


def draw(rng, block):
    return {
        b.name: rng.randrange(len(b.parts)) if b.kind == "xor" else [n for n in range(3) if rng.random() < 0.5]
        for b in block.walk()
        if b.kind in {"xor", "or"}
    } | {b.name: False for b in block.walk() if b.kind == "loop"}


@pytest.mark.parametrize("seed", range(MODELS))
def test_both_wait_at_the_same_steps(seed):
    rng = random.Random(seed)
    block = Drawn(seed, timers=False, size=10).model()
    variables = draw(rng, block)
    model = bpmn.read(Written(block).xml)
    state, _ = engine.start(model, variables, lambda _: None)
    oracle = spiff_of(block, variables)
    for _ in range(60):
        ours = Counter(a.node for a in state.live() if model.nodes[a.node].kind is Kind.STEP)
        theirs = waiting(oracle)
        assert ours == Counter(t.task_spec.bpmn_id for t in theirs)
        assert state.ended == oracle.is_completed()
        if state.ended:
            return
        task = rng.choice(theirs)
        task.run()
        oracle.do_engine_steps()
        activation = next(a.id for a in state.live() if a.node == task.task_spec.bpmn_id)
        engine.complete(model, state, activation, variables, lambda _: None)
    pytest.fail("never ended")


def test_the_oracle_keeps_the_step_after_the_join_alive_on_a_return_into_a_branch():
    """The reason of decision 0002. If this fails, the oracle has learnt it and the decision may be read again."""
    parts = [Block("step", "s"), Block("par", "p", [Block("step", "a"), Block("step", "b")]), Block("step", "after")]
    oracle = spiff_of(Block("seq", "q", parts), {})
    for name in ("s", "a", "b"):
        next(t for t in waiting(oracle) if t.task_spec.bpmn_id == name).run()
        oracle.do_engine_steps()
    target = next(t for t in oracle.get_tasks() if t.task_spec.bpmn_id == "a")
    oracle.reset_from_task_id(target.id)
    oracle.do_engine_steps()
    alive = {
        t.task_spec.bpmn_id for t in oracle.get_tasks(state=TaskState.READY | TaskState.WAITING | TaskState.STARTED)
    }
    assert {"a", "after"} <= alive
