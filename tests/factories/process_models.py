"""Process models for tests: block trees, drawn at random or written by hand, and the BPMN they stand for."""

import itertools
import random
from dataclasses import dataclass, field

SIGN_OFFS = ("SINGLE", "ANY", "ALL", "IN_TURN", "VOTE")


@dataclass
class Block:
    """``kind``: step, wait, service, seq, par, xor, or, loop, sub, guard (interrupting), beside (not interrupting).

    guard and beside hold [host, what the timer starts]; a wait is a timer event; ``name`` is the element's id.
    """

    kind: str
    name: str
    parts: list["Block"] = field(default_factory=list)
    sign_off: str = "SINGLE"

    def walk(self):
        yield self
        for part in self.parts:
            yield from part.walk()


class Drawn:
    """Draws block trees; ``timers`` False leaves out what the oracle plays differently."""

    def __init__(self, seed, *, timers=True, size=14):
        self.random = random.Random(seed)
        self.timers = timers
        self.budget = size
        self.count = 0

    def name(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def step(self):
        self.budget -= 1
        return Block("step", self.name("s"), sign_off=self.random.choice(SIGN_OFFS))

    def model(self):
        return Block("seq", "root", [self.step(), self.block(0), *self.tail(), self.step()])

    def tail(self):
        return [self.block(0) for _ in range(self.random.randint(0, 2))]

    def block(self, depth):
        kinds = ["step", "step", "seq", "par", "par", "xor", "loop", "sub", "or"]
        if self.timers:
            kinds += ["service", "wait", "guard", "beside"]
        kind = self.random.choice(kinds) if depth < 4 and self.budget > 0 else "step"
        return getattr(self, f"_{kind}", self.step)(*([depth + 1] if kind != "step" else []))

    def _seq(self, depth):
        return Block("seq", self.name("q"), [self.block(depth) for _ in range(self.random.randint(2, 3))])

    def _par(self, depth):
        return Block("par", self.name("p"), [self.block(depth) for _ in range(self.random.randint(2, 3))])

    def _xor(self, depth):
        return Block("xor", self.name("x"), [self.block(depth) for _ in range(self.random.randint(2, 3))])

    def _or(self, depth):
        draw = (lambda: self.block(depth)) if self.timers else self.step  # the oracle passes nested joins too early
        return Block("or", self.name("o"), [draw() for _ in range(self.random.randint(2, 3))])

    def _loop(self, depth):
        return Block("loop", self.name("l"), [Block("seq", self.name("q"), [self.step(), self.block(depth)])])

    def _sub(self, depth):
        return Block("sub", self.name("u"), [self.block(depth)])

    def _service(self, _depth):
        return Block("service", self.name("v"))

    def _wait(self, _depth):
        return Block("wait", self.name("w"))

    def _guard(self, depth):
        host = self.step() if self.random.random() < 0.6 else self._sub(depth)
        return Block("guard", self.name("g"), [host, self.block(depth)])

    def _beside(self, depth):
        host = self.step() if self.random.random() < 0.6 else self._sub(depth)
        return Block("beside", self.name("b"), [host, self.block(depth)])


_SIGN_OFF = {
    "SINGLE": "",
    "ANY": '<finmart:signOff kind="ANY" count="signers"/>',
    "ALL": '<finmart:signOff kind="ALL" count="signers"/>',
    "IN_TURN": '<finmart:signOff kind="IN_TURN" count="signers"/>',
    "VOTE": '<finmart:signOff kind="VOTE" count="signers" ratio="2/3"/>',
}
_OUTCOMES = (
    '<finmart:outcome code="APPROVE" label="同意" positive="true"/><finmart:outcome code="REFUSE" label="不同意"/>'
)


class Written:
    """Writes a block tree as BPMN. ``lane`` puts every element into one lane; ``extra`` goes into every step."""

    def __init__(self, tree, *, lane="", extra=None):
        self.flows = 0
        self.extra = extra or {}
        self.ids = []
        body = self._scope(tree)
        lanes = ""
        if lane:
            refs = "".join(f"<bpmn:flowNodeRef>{name}</bpmn:flowNodeRef>" for name in self.ids)
            lanes = f'<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="{lane}">{refs}</bpmn:lane></bpmn:laneSet>'
        self.xml = (
            '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:finmart="https://finmart.example/bpmn" targetNamespace="x">'
            f'<bpmn:process id="model" name="样例" isExecutable="true">{lanes}{body}</bpmn:process></bpmn:definitions>'
        )

    def _scope(self, block, prefix="root"):
        first, last, text = self._write(block)
        return (
            self._element("startEvent", f"{prefix}_start")
            + self._element("endEvent", f"{prefix}_end")
            + text
            + self._flow(f"{prefix}_start", first)
            + self._flow(last, f"{prefix}_end")
        )

    def _element(self, kind, name, inside="", **attributes):
        self.ids.append(name)
        more = "".join(f' {key}="{value}"' for key, value in attributes.items())
        return f'<bpmn:{kind} id="{name}" name="{name}"{more}>{inside}</bpmn:{kind}>'

    def _flow(self, source, target, condition="", name=""):
        self.flows += 1
        inside = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
            if condition
            else ""
        )
        identity = name or f"f{self.flows}"
        return (
            f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'
        )

    def _write(self, block):
        """Return (element a flow leads to, element a flow leaves, text)."""
        return getattr(self, f"_{block.kind}")(block)

    def _step(self, block):
        inside = f"{self.extra.get(block.name, '')}{_SIGN_OFF[block.sign_off]}{_OUTCOMES}"
        inside = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
        return block.name, block.name, self._element("userTask", block.name, inside)

    def _service(self, block):
        return block.name, block.name, self._element("serviceTask", block.name)

    def _terminate(self, block):
        text = self._element("endEvent", block.name, '<bpmn:terminateEventDefinition id="t_' + block.name + '"/>')
        return block.name, None, text

    def _timer(self):
        return "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"

    def _wait(self, block):
        return block.name, block.name, self._element("intermediateCatchEvent", block.name, self._timer())

    def _seq(self, block):
        written = [self._write(part) for part in block.parts]
        text = "".join(part[2] for part in written)
        for before, after in itertools.pairwise(written):
            text += self._flow(before[1], after[0])
        return written[0][0], written[-1][1], text

    def _branches(self, block, kind, condition, **attributes):
        split, join = f"{block.name}_split", f"{block.name}_join"
        text = self._element(kind, split, **attributes) + self._element(kind, join)
        for place, part in enumerate(block.parts):
            first, last, inside = self._write(part)
            name = f"{block.name}_f{place}"
            text += inside + self._flow(split, first, condition(place), name)
            if last:
                text += self._flow(last, join)
        return split, join, text

    def _par(self, block):
        return self._branches(block, "parallelGateway", lambda _: "")

    def _xor(self, block):
        latest = len(block.parts) - 1
        return self._branches(
            block, "exclusiveGateway", lambda n: "" if n == latest else f"{block.name} == {n}",
            default=f"{block.name}_f{latest}",
        )  # fmt: skip

    def _or(self, block):
        latest = len(block.parts) - 1
        return self._branches(
            block, "inclusiveGateway", lambda n: "" if n == latest else f"{n} in {block.name}",
            default=f"{block.name}_f{latest}",
        )  # fmt: skip

    def _loop(self, block):
        merge, choice = f"{block.name}_merge", f"{block.name}_choice"
        first, last, inside = self._write(block.parts[0])
        leaving = f"{block.name}_out"
        text = self._element("exclusiveGateway", merge) + inside + self._flow(merge, first) + self._flow(last, choice)
        text += self._element("exclusiveGateway", choice, default=leaving)
        text += self._element("exclusiveGateway", f"{block.name}_after")
        text += self._flow(choice, merge, f"{block.name} == True") + self._flow(
            choice, f"{block.name}_after", "", leaving
        )
        return merge, f"{block.name}_after", text

    def _sub(self, block):
        inside = self._scope(block.parts[0], block.name)
        return block.name, block.name, self._element("subProcess", block.name, inside)

    def _boundary(self, block, host, interrupting):
        return self._element(
            "boundaryEvent", f"{block.name}_timer", self._timer(), attachedToRef=host, cancelActivity=interrupting
        )

    def _guard(self, block):
        host, _, text = self._write(block.parts[0])
        first, last, inside = self._write(block.parts[1])
        merge = f"{block.name}_merge"
        text += inside + self._boundary(block, host, "true") + self._element("exclusiveGateway", merge)
        text += self._flow(host, merge) + self._flow(f"{block.name}_timer", first) + self._flow(last, merge)
        return host, merge, text

    def _beside(self, block):
        host, _, text = self._write(block.parts[0])
        first, last, inside = self._write(block.parts[1])
        end = f"{block.name}_end"
        text += inside + self._boundary(block, host, "false") + self._element("endEvent", end)
        text += self._flow(f"{block.name}_timer", first) + self._flow(last, end)
        return host, host, text
