"""Strongly connected components and mutual guarantees of a city's guarantee graph, beside networkx on the same graph.

1,000,000 firms, 5,000,000 different guarantees, 20,000 circles of 2 to 12 planted in them, all by seed. On the
*ordered* ground every other guarantee points down one hidden order, so the planted circles are exactly the circles
there are; on the *random* ground nearly all firms fall into one. Ours starts from the two columns of the guarantees
and is timed with building its graph; networkx gets its graph ready-made, because building it from Python tuples costs
more than asking it. Both give the circles (components of two firms and more) and every mutual pair; the answers are
compared in full. One run each after a warm one of ours; networkx has nothing to warm.
"""

import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from bench.rows import Row
from finmart.centres.data.risk.rules.guarantees import GuaranteeGraph

FIRMS = 1_000_000
GUARANTEES_PER_FIRM = 5
PLANTED_PER_FIRM = 0.02
SIZES_OF_CIRCLES = (2, 13)
AT_LEAST = 15.0
MOST_GIB = 4.0
SMALLER = (10_000, 100_000)
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """A graph by its columns, and the label of the planted circle each firm is in (its own place where in none)."""

    firms: int
    guarantors: Places
    borrowers: Places
    planted: Places


def ground(firms: int, *, ordered: bool) -> Ground:
    """Return the graph, the same in every run."""
    chance = np.random.default_rng(20260702)
    sizes = chance.integers(*SIZES_OF_CIRCLES, size=int(firms * PLANTED_PER_FIRM))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    block = np.repeat(np.arange(len(sizes)), sizes)
    member = np.arange(starts[-1])
    following = np.where(member + 1 == starts[block + 1], starts[block], member + 1)
    edges = _different(np.empty(0, dtype=np.int64), member * firms + following)
    while len(edges) < firms * GUARANTEES_PER_FIRM:
        ends = chance.integers(0, firms, size=(2, firms * GUARANTEES_PER_FIRM - len(edges)))
        ends = np.sort(ends, axis=0) if ordered else ends
        edges = _different(edges, (ends[0] * firms + ends[1])[ends[0] != ends[1]])
    named = chance.permutation(firms)
    planted = np.arange(firms)
    planted[named[member]] = firms + block
    chance.shuffle(edges)
    return Ground(firms, named[edges // firms], named[edges % firms], planted)


def _different(edges: Places, more: Places) -> Places:
    every = np.sort(np.concatenate([edges, more]))
    return every[np.concatenate([[True], every[1:] != every[:-1]])]


@dataclass(frozen=True)
class Answer:
    """The circles, as each firm's smallest fellow (itself where it is in none), and the mutual pairs in order."""

    circles: Places
    mutual: Places


def ours(given: Ground) -> tuple[list[Places], Places]:
    graph = GuaranteeGraph(given.firms, given.guarantors, given.borrowers)
    return graph.circles(), graph.mutual()


def theirs(graph: Any) -> tuple[list[set[int]], list[tuple[int, int]]]:
    circles = [found for found in nx.strongly_connected_components(graph) if len(found) > 1]
    mutual = [(one, other) for one, other in graph.edges if one < other and graph.has_edge(other, one)]
    return circles, mutual


def answer(firms: int, circles: list[Any], mutual: Any) -> Answer:
    """Return an answer in a form in which two can be compared."""
    smallest = np.arange(firms)
    for circle in circles:
        members = np.fromiter(circle, dtype=np.int64, count=len(circle))
        smallest[members] = members.min()
    pairs = np.array(mutual, dtype=np.int64).reshape(-1, 2)
    return Answer(smallest, pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def _peer_graph(given: Ground) -> Any:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(given.firms))
    graph.add_edges_from(zip(given.guarantors.tolist(), given.borrowers.tolist(), strict=True))
    return graph


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        found = work()
        return time.perf_counter() - started, found
    finally:
        gc.enable()


def _beside(work: str, given: Ground, our_seconds: float, found: Answer) -> Row:
    graph = _peer_graph(given)
    if (graph.number_of_nodes(), graph.number_of_edges()) != (given.firms, len(given.guarantors)):
        raise AssertionError("the two sides do not hold the same graph")
    their_seconds, raw = _timed(lambda: theirs(graph))
    wanted = answer(given.firms, *raw)
    equal = np.array_equal(found.circles, wanted.circles) and np.array_equal(found.mutual, wanted.mutual)
    return Row.of_times(work, our_seconds, their_seconds, at_least=AT_LEAST, equal=bool(equal))


def _holds_what_was_planted(given: Ground, found: Answer, *, ordered: bool) -> bool:
    """Say whether firms of one planted circle are in one circle; on the ordered ground, in just that one."""
    pairs = np.unique(np.column_stack([given.planted, found.circles]), axis=0)
    together = len(pairs) == len(np.unique(given.planted))
    return together and (not ordered or len(pairs) == len(np.unique(found.circles)))


def _our_run(given: Ground, *, ordered: bool) -> tuple[float, Answer, bool]:
    ours(given)
    seconds, raw = _timed(lambda: ours(given))
    found = answer(given.firms, *raw)
    return seconds, found, _holds_what_was_planted(given, found, ordered=ordered)


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _copied_bytes_per_second() -> float:
    """Return how fast this machine copies memory now, read and written bytes together."""
    block = np.ones(2**25)
    target = np.empty_like(block)
    seconds = min(_timed(lambda: np.copyto(target, block))[0] for _ in range(3))
    return 2 * block.nbytes / seconds


def _least_bytes(given: Ground) -> int:
    """Return the bytes of the columns, the matrix, its transpose and the labels, each touched once."""
    edges, firms = len(given.guarantors), given.firms
    return edges * (8 + 8) + 2 * (edges * (4 + 1) + firms * 4) + firms * 4


def measure() -> list[Row]:
    """Return the growth of ours, then both sides at the full size, then memory."""
    rows = []
    for firms in SMALLER:
        given = ground(firms, ordered=False)
        seconds, _, planted = _our_run(given, ordered=False)
        rows.append(Row(f"random ground, {firms:,} firms, ours alone (s)", seconds, None, None, None, planted))
    full: dict[bool, tuple[Ground, float, Answer, bool]] = {}
    for ordered in (False, True):
        given = ground(FIRMS, ordered=ordered)
        full[ordered] = (given, *_our_run(given, ordered=ordered))
    our_peak = _peak_gib()
    copied = _copied_bytes_per_second()
    for ordered, (given, seconds, found, planted) in full.items():
        name = "ordered" if ordered else "random"
        work = f"{name} ground, {FIRMS:,} firms, {len(given.guarantors):,} guarantees, beside networkx (s)"
        row = _beside(work, given, seconds, found)
        rows.append(Row(row.work, row.ours, row.peer, row.ratio, row.at_least, row.equal and planted))
        touched = _least_bytes(given) / seconds
        text = f"{name} ground, bytes touched at least once, beside a plain copy (GB/s)"
        rows.append(Row(text, touched / 1e9, copied / 1e9, touched / copied, None, equal=True))
    memory = f"peak memory (GiB), both grounds held, beside the most allowed ({MOST_GIB:g})"
    rows.append(Row(memory, our_peak, MOST_GIB, MOST_GIB / our_peak, 1.0, equal=True))
    both = _peak_gib()
    rows.append(Row("the same with the graph of networkx", both, MOST_GIB, MOST_GIB / both, 1.0, equal=True))
    return rows
