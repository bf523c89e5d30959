"""A small model of what should be alive, told by the block tree and not by tokens.

A record is one execution of a block. A sequence opens its parts one after the other, a parallel block is done when
all its branches are, a return cuts what comes later in the sequences around the step and opens it anew. There is no
token, no join and no lineage here: it agrees with the engine only if both are right.
"""

import itertools
from dataclasses import dataclass, field

from factories.process_models import Block

OPEN, DONE, BROKEN_OFF = "open", "done", "broken off"


@dataclass(eq=False)
class Record:
    block: Block
    number: int
    state: str = OPEN
    parts: list["Record"] = field(default_factory=list)
    left: bool = False
    side: "Record | None" = None


class Tree:
    """Plays a block tree with the variables that the engine sees."""

    def __init__(self, block, variables):
        self.numbers = itertools.count(1)
        self.variables = variables
        self.root = self.open(block)
        self.settle(self.root)

    @property
    def ended(self):
        return self.settle(self.root) and self.sides_done(self.root)

    # -- forward ---------------------------------------------------------------------------------------------------

    def open(self, block):
        record = Record(block, next(self.numbers))
        kind = block.kind
        if kind == "service":
            record.state = DONE
        elif kind in {"seq", "loop", "sub", "guard", "beside"}:
            record.parts = [self.open(block.parts[0])]
        elif kind == "par":
            record.parts = [self.open(part) for part in block.parts]
        elif kind in {"xor", "or"}:
            record.parts = [self.open(part) for part in self.chosen(block)]
        return record

    def chosen(self, block):
        wanted, latest = self.variables[block.name], len(block.parts) - 1
        if block.kind == "xor":
            return [block.parts[min(wanted, latest)]]
        return [block.parts[n] for n in range(latest) if n in wanted] or [block.parts[latest]]

    def settle(self, record):
        """Open what is due; return whether the record is done."""
        kind = record.block.kind
        if kind in {"step", "wait", "service"}:
            return record.state == DONE
        return getattr(self, f"_settle_{kind}")(record)

    def _settle_seq(self, record):
        for earlier in record.parts[:-1]:
            self.settle(earlier)  # their side paths may still be under way
        while self.settle(record.parts[-1]):
            if len(record.parts) == len(record.block.parts):
                return True
            record.parts.append(self.open(record.block.parts[len(record.parts)]))
        return False

    def _settle_loop(self, record):
        for earlier in record.parts[:-1]:
            self.settle(earlier)
        while not record.left and self.settle(record.parts[-1]):
            if self.variables[record.block.name] is True:
                record.parts.append(self.open(record.block.parts[0]))
            else:
                record.left = True
        return self.settle(record.parts[-1]) and record.left

    def _settle_par(self, record):
        settled = [self.settle(part) for part in record.parts]  # each of them, even after one that is not done
        return all(settled)

    _settle_xor = _settle_or = _settle_par

    def _settle_sub(self, record):
        return self.settle(record.parts[0]) and self.sides_done(record.parts[0])

    def _settle_guard(self, record):
        return self.settle(record.parts[-1])

    def _settle_beside(self, record):
        if record.side:
            self.settle(record.side)
        return self.settle(record.parts[0])

    def sides_done(self, record):
        """Are all side paths that began in this scope done? Those inside an inner sub-process are its own matter."""
        if record.side and not (self.settle(record.side) and self.sides_done(record.side)):
            return False
        if record.block.kind == "sub":
            return True
        return all(self.sides_done(part) for part in record.parts if part.state != BROKEN_OFF)

    # -- what is alive ---------------------------------------------------------------------------------------------

    def records(self, record=None):
        record = record or self.root
        yield record
        for part in [*record.parts, *([record.side] if record.side else [])]:
            yield from self.records(part)

    def alive(self):
        """Return steps, timers and sub-processes that are open, oldest first."""
        found = [
            r
            for r in self.records()
            if (r.block.kind in {"step", "wait"} and r.state == OPEN)
            or (r.block.kind == "sub" and r.state == OPEN and not self.settle(r))
        ]
        return sorted(found, key=lambda r: r.number)

    def arrivals(self):
        """Return join → how many branches wait there."""
        found = {}
        for record in self.records():
            if record.block.kind in {"par", "or"} and not self.settle(record):
                waiting = sum(self.settle(part) for part in record.parts)
                if waiting:
                    join = f"{record.block.name}_join"
                    found[join] = found.get(join, 0) + waiting
        return found

    def timers(self):
        """Return guard and beside records whose timer may go off."""
        return [
            r
            for r in self.records()
            if r.block.kind in {"guard", "beside"} and not r.side and len(r.parts) == 1 and not self.settle(r.parts[0])
        ]

    # -- acts ------------------------------------------------------------------------------------------------------

    def complete(self, record):
        record.state = DONE
        self.settle(self.root)

    def fire(self, record):
        started = self.open(record.block.parts[1])
        if record.block.kind == "guard":
            host = record.parts[0]
            host.state, host.parts = BROKEN_OFF, []
            record.parts.append(started)
        else:
            record.side = started
        self.settle(self.root)

    def targets(self, item):
        """Return name → latest finished step that led to ``item``."""
        found = {}
        for before in sorted(self._before(item), key=lambda r: r.number):
            found[before.block.name] = before
        return found

    def _before(self, item):
        path = self._path(self.root, item)
        for record, child in itertools.pairwise(path):
            kind = record.block.kind
            if kind in {"seq", "loop"}:
                for earlier in record.parts[: record.parts.index(child)]:
                    yield from self._led_on(earlier, sides=False)
            elif record.side is child and record.parts[0].block.kind == "step" and record.parts[0].state == DONE:
                yield record.parts[0]

    def _led_on(self, record, *, sides):
        kind = record.block.kind
        if record.state == BROKEN_OFF:
            return
        if kind == "step" and record.state == DONE:
            yield record
        inside = sides or kind == "sub"
        for part in record.parts:
            yield from self._led_on(part, sides=inside)
        if record.side and sides:
            yield from self._led_on(record.side, sides=True)

    def _path(self, record, wanted):
        if record is wanted:
            return [record]
        for part in [*record.parts, *([record.side] if record.side else [])]:
            rest = self._path(part, wanted)
            if rest:
                return [record, *rest]
        return []

    def rewind(self, target):
        path = self._path(self.root, target)
        leads_on = True
        for record, child in reversed(list(itertools.pairwise(path))):
            kind = record.block.kind
            if record.side is child:
                leads_on = False
            elif kind in {"seq", "loop"} and leads_on:
                del record.parts[record.parts.index(child) + 1 :]
                record.left = False
            elif kind == "beside" and child is target:
                record.side = None
            elif kind == "sub":
                leads_on = True
        target.state, target.number = OPEN, next(self.numbers)
        self.settle(self.root)
