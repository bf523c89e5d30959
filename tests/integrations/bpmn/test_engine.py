"""Returns, joins, timers and terminate ends, case by case."""

import pytest

from factories.process_models import Block, Written
from finmart.integrations import bpmn
from finmart.integrations.bpmn import engine
from finmart.integrations.bpmn.engine import Happening, UnableToAdvance, UnableToReturn
from finmart.integrations.bpmn.model import Kind
from finmart.integrations.bpmn.state import State, UnknownFormat
from finmart.kit.errors import Conflict


def step(name):
    return Block("step", name)


def seq(*parts):
    return Block("seq", "q", list(parts))


def par(name, *parts):
    return Block("par", name, list(parts))


class Play:
    """Acts by the names of steps; ``open`` are the steps that wait."""

    def __init__(self, block, **variables):
        self.model = bpmn.read(block if isinstance(block, str) else Written(block).xml)
        self.variables = variables
        self.performed = []
        self.state, self.effects = engine.start(self.model, variables, self.perform)

    def perform(self, node):
        self.performed.append(node.id)

    @property
    def open(self):
        return sorted(a.node for a in self.state.live() if self.model.nodes[a.node].kind in {Kind.STEP, Kind.WAIT})

    def at(self, name):
        return next(a.id for a in self.state.live() if a.node == name)

    def do(self, *names):
        for name in names:
            self.effects = engine.complete(self.model, self.state, self.at(name), self.variables, self.perform)
        return self

    def back(self, source, target):
        offered = {a.node: a.id for a in engine.earlier_steps(self.model, self.state, self.at(source))}
        self.effects = engine.return_to(self.model, self.state, offered[target], self.variables, self.perform)
        return self

    def fire(self, host, timer):
        self.effects = engine.fire_boundary(self.model, self.state, self.at(host), timer, self.variables, self.perform)
        return self

    def happened(self, happening):
        return sorted(e.node for e in self.effects if e.happening is happening and not e.node.startswith("/"))


FORK = seq(step("before"), par("p", seq(step("a1"), step("a2")), seq(step("b1"), step("b2"))), step("after"))


@pytest.mark.clause("A6")
def test_return_from_after_a_join_into_a_branch_drops_what_the_join_released():
    play = Play(FORK).do("before", "a1", "a2", "b1", "b2")
    play.back("after", "b1")
    assert play.open == ["b1"]
    assert play.happened(Happening.CANCELLED) == ["after"]
    assert play.happened(Happening.RETURNED) == ["b1", "b2"]
    play.do("b1", "b2")
    assert play.open == ["after"], "the other branch's arrival waited at the join"
    assert play.do("after").state.ended


@pytest.mark.clause("A6")
def test_return_inside_a_branch_leaves_the_other_alone():
    play = Play(FORK).do("before", "a1", "b1").back("a2", "a1")
    assert play.open == ["a1", "b2"]


@pytest.mark.clause("A6")
def test_return_before_the_split_takes_back_all_branches():
    play = Play(FORK).do("before", "a1", "a2", "b1").back("b2", "before")
    assert play.open == ["before"]
    assert not play.state.waiting
    play.do("before", "a1", "a2", "b1", "b2")
    assert play.open == ["after"]


@pytest.mark.clause("A6")
def test_a_step_of_the_sibling_branch_is_no_target():
    play = Play(FORK).do("before", "a1", "b1")
    targets = [a.node for a in engine.earlier_steps(play.model, play.state, play.at("a2"))]
    assert targets == ["a1", "before"]


def test_return_twice_from_after_the_join_into_one_and_the_other_branch():
    play = Play(FORK).do("before", "a1", "a2", "b1", "b2").back("after", "a2").do("a2").back("after", "b2")
    assert play.open == ["b2"]
    assert play.do("b2").open == ["after"]


def test_return_over_two_joins_restores_the_outer_sibling():
    tree = seq(step("s"), par("o", seq(par("i", step("a"), step("b")), step("c")), step("d")), step("e"))
    play = Play(tree).do("s", "a", "b", "c", "d").back("e", "a")
    assert play.open == ["a"]
    assert play.do("a").open == ["c"]
    assert play.do("c").open == ["e"]


def test_return_into_a_finished_sub_process_opens_it_again():
    tree = seq(step("s"), Block("sub", "u", [par("p", step("a"), step("b"))]), step("e"))
    play = Play(tree).do("s", "a", "b").back("e", "a")
    assert play.open == ["a"]
    assert "u" in play.happened(Happening.REOPENED)
    assert play.do("a").open == ["e"]


def test_return_out_of_a_sub_process_takes_all_of_it_back():
    tree = seq(step("s"), Block("sub", "u", [par("p", step("a"), step("b"))]), step("e"))
    play = Play(tree).do("s", "a").back("b", "s")
    assert play.open == ["s"]
    assert play.do("s").open == ["a", "b"]


def test_in_a_loop_the_latest_round_is_the_target():
    tree = seq(step("s"), Block("loop", "l", [seq(step("a"), step("b"))]), step("e"))
    play = Play(tree, l=True).do("s", "a", "b", "a", "b")
    play.variables["l"] = False
    play.do("a", "b").back("e", "b")
    assert play.open == ["b"]
    assert sum(a.node == "a" for a in play.state.activations.values()) == 3


def test_an_interrupted_sub_process_is_no_target_but_what_came_before_is():
    guarded = Block("guard", "g", [Block("sub", "u", [seq(step("a"), step("b"))]), step("late")])
    play = Play(seq(step("s"), guarded, step("e"))).do("s", "a").fire("u", "g_timer")
    assert play.open == ["late"]
    assert play.happened(Happening.TIMED_OUT) == ["u"]
    assert [a.node for a in engine.earlier_steps(play.model, play.state, play.at("late"))] == ["s"]
    assert play.do("late").open == ["e"]


def test_a_timer_beside_a_step_goes_off_once_and_falls_with_its_step():
    play = Play(seq(step("s"), Block("beside", "b", [step("a"), step("remind")]), step("e"))).do("s")
    play.fire("a", "b_timer")
    with pytest.raises(Conflict):
        play.fire("a", "b_timer")
    play.do("a").back("e", "a")
    assert play.open == ["a"], "what the timer started descends from the step that is redone"
    play.do("a", "e")
    assert play.state.ended


TERMINATED = """
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
<bpmn:process id="m" name="m"><bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f0" sourceRef="s" targetRef="u"/>
<bpmn:subProcess id="u" name="u"><bpmn:startEvent id="us"/><bpmn:sequenceFlow id="f1" sourceRef="us" targetRef="p"/>
<bpmn:parallelGateway id="p"/><bpmn:sequenceFlow id="f2" sourceRef="p" targetRef="a"/>
<bpmn:sequenceFlow id="f3" sourceRef="p" targetRef="b"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>
<bpmn:sequenceFlow id="f4" sourceRef="a" targetRef="stop"/><bpmn:sequenceFlow id="f5" sourceRef="b" targetRef="ue"/>
<bpmn:endEvent id="stop"><bpmn:terminateEventDefinition id="t"/></bpmn:endEvent><bpmn:endEvent id="ue"/>
</bpmn:subProcess><bpmn:sequenceFlow id="f6" sourceRef="u" targetRef="e"/><bpmn:userTask id="e"/>
<bpmn:sequenceFlow id="f7" sourceRef="e" targetRef="x"/><bpmn:endEvent id="x"/></bpmn:process></bpmn:definitions>"""


def test_what_a_terminate_end_killed_rises_when_the_end_is_taken_back():
    play = Play(TERMINATED).do("a")
    assert play.open == ["e"]
    assert play.happened(Happening.CANCELLED) == ["b"]
    play.back("e", "a")
    assert play.open == ["a", "b"]
    assert "b" in play.happened(Happening.REOPENED)
    play.do("b", "a")
    assert play.open == ["e"]
    assert play.do("e").state.ended


def test_a_terminate_end_stops_tokens_that_are_on_their_way():
    swapped = TERMINATED.replace('id="f2" sourceRef="p" targetRef="a"', 'id="f2" sourceRef="p" targetRef="stop"')
    swapped = swapped.replace('<bpmn:sequenceFlow id="f4" sourceRef="a" targetRef="stop"/>', "").replace(
        '<bpmn:userTask id="a"/>', ""
    )
    play = Play(swapped)
    assert play.open == ["e"]
    assert play.do("e").state.ended


NEVER_JOINED = """<bpmn:parallelGateway id="j" name="会合"/>
<bpmn:sequenceFlow id="f9" sourceRef="j" targetRef="ue"/><bpmn:sequenceFlow id="f8" sourceRef="w" targetRef="j"/>
<bpmn:userTask id="w"/><bpmn:exclusiveGateway id="c" default="fc"/>
<bpmn:sequenceFlow id="fc" sourceRef="c" targetRef="stop"/><bpmn:sequenceFlow id="fd" sourceRef="c" targetRef="w">
<bpmn:conditionExpression>go == 1</bpmn:conditionExpression></bpmn:sequenceFlow>"""


def test_a_branch_that_never_comes_is_refused_and_not_waited_for():
    lost = TERMINATED.replace('<bpmn:terminateEventDefinition id="t"/>', "")
    lost = lost.replace('sourceRef="b" targetRef="ue"/>', 'sourceRef="b" targetRef="j"/>' + NEVER_JOINED)
    lost = lost.replace('sourceRef="a" targetRef="stop"/>', 'sourceRef="a" targetRef="c"/>')
    play = Play(lost).do("a")
    with pytest.raises(UnableToAdvance, match="会合"):
        play.do("b")


def test_an_inclusive_join_waits_for_the_branches_taken_and_no_others():
    tree = seq(step("s"), Block("or", "o", [step("a"), step("b"), step("c")]), step("e"))
    play = Play(tree, o=[0, 1]).do("s")
    assert play.open == ["a", "b"]
    assert play.do("b").open == ["a"]
    assert play.do("a").open == ["e"]
    assert play.back("e", "a").open == ["a"]
    assert play.do("a").open == ["e"]


def test_double_completion_is_a_conflict():
    play = Play(FORK)
    first = play.at("before")
    play.do("before")
    with pytest.raises(Conflict):
        engine.complete(play.model, play.state, first, {}, play.perform)


def test_a_loop_without_a_step_is_broken_off():
    tree = seq(step("s"), Block("loop", "l", [Block("service", "v")]), step("e"))
    play = Play(tree, l=True)
    with pytest.raises(UnableToAdvance, match="回路"):
        play.do("s")


def test_service_tasks_passed_again_run_again():
    play = Play(seq(step("s"), Block("service", "v"), step("e"))).do("s").back("e", "s").do("s")
    assert play.performed == ["v", "v"]


def test_a_step_still_open_cannot_be_the_target():
    play = Play(FORK)
    with pytest.raises(UnableToReturn):
        engine.return_to(play.model, play.state, play.at("before"), {}, play.perform)


def test_abort_cancels_all():
    play = Play(FORK).do("before")
    effects = engine.abort(play.model, play.state)
    assert sorted(e.node for e in effects if e.happening is Happening.CANCELLED) == ["a1", "b1"]
    assert play.state.ended


def test_a_newer_state_is_not_guessed_at():
    with pytest.raises(UnknownFormat):
        State.load({"v": 99})
