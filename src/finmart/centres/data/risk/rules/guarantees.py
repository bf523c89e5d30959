"""The guarantee graph: mutual guarantees, circles and chains. An edge goes from the guarantor to whom it answers for.

Compiled by scipy.sparse; what it finds and what it costs stands in docs/algorithms/contagion.md.
"""

from collections import deque
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from finmart.centres.data.risk.types import Circles, Reach, UnableToReadGuarantees

Places = NDArray[np.int64]
LONGEST_CIRCLE = 6
MOST_CIRCLES = 1000


class GuaranteeGraph:
    """Guarantees between ``size`` firms, ``guarantors[k]`` for ``borrowers[k]``; the same guarantee twice counts once.

    Raises UnableToReadGuarantees for a firm that is not in the list and for one that guarantees itself.
    """

    def __init__(self, size: int, guarantors: Places, borrowers: Places) -> None:
        _check(size, guarantors, borrowers)
        places = guarantors.astype(np.int32), borrowers.astype(np.int32)  # what the compiled search works on
        edges = (np.ones(len(guarantors), dtype=np.bool_), places)
        self.size = size
        self._for = csr_array(edges, shape=(size, size))

    @cached_property
    def _by(self) -> csr_array:
        return csr_array(self._for.T)

    @cached_property
    def labels(self) -> Places:
        """Which strongly connected component each firm is in; the numbers themselves mean nothing."""
        return np.asarray(connected_components(self._for, directed=True, connection="strong")[1], dtype=np.int64)

    def mutual(self) -> Places:
        """Return the pairs that guarantee each other, one row each, the smaller place first, in order."""
        both = self._for.multiply(self._by).tocoo()
        once = both.row < both.col
        pairs = np.column_stack([both.row[once], both.col[once]]).astype(np.int64)
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    def circles(self) -> list[Places]:
        """Return the groups in which everyone answers for everyone at some remove, of two and more; largest first."""
        counts = np.bincount(self.labels, minlength=1)
        members = np.flatnonzero(counts[self.labels] > 1)
        members = members[np.argsort(self.labels[members], kind="stable")]
        starts = np.flatnonzero(np.diff(self.labels[members])) + 1
        groups = [group for group in np.split(members, starts) if len(group)]
        return sorted(groups, key=lambda group: (-len(group), int(group[0])))

    def circles_through(self, firm: int, *, longest: int = LONGEST_CIRCLE, most: int = MOST_CIRCLES) -> Circles:
        """Return the simple circles through a firm of at most ``longest`` firms, at most ``most`` of them.

        A path is only followed while it can still be closed in time, so nothing is walked in vain.
        """
        back = self._steps(self._by, firm, longest - 1)
        found: list[tuple[int, ...]] = []
        for length in range(2, longest + 1):
            path, ahead = [firm], [iter(self._closing(firm, back, length - 1))]
            while ahead:
                step = next(ahead[-1], None)
                if step is None:
                    ahead.pop()
                    path.pop()
                elif step == firm:
                    if len(path) == length:
                        if len(found) == most:
                            return Circles(tuple(found), is_complete=False)
                        found.append(tuple(path))
                elif len(path) < length and step not in path:
                    path.append(step)
                    ahead.append(iter(self._closing(step, back, length - len(path))))
        return Circles(tuple(found), is_complete=True)

    def reach(self, firm: int, *, furthest: int | None = None) -> Reach:
        """Return the chains from a firm: whom it answers for and who answers for it, by the fewest steps."""
        limit = self.size if furthest is None else furthest
        answers_for, answered_by = self._steps(self._for, firm, limit), self._steps(self._by, firm, limit)
        del answers_for[firm], answered_by[firm]
        return Reach(answers_for, answered_by)

    def longest_chain(self) -> list[Places]:
        """Return the longest chain of guarantees, from who pays in the end; a circle is one link, given by its firms.

        Of equally long ones any; empty where there is no guarantee between different links.
        """
        count = int(self.labels.max(initial=-1)) + 1
        edges = self._for.tocoo()
        ends = self.labels[edges.row], self.labels[edges.col]
        between = ends[0] != ends[1]
        links = csr_array((np.ones(int(between.sum()), dtype=np.bool_), (ends[0][between], ends[1][between])),
                          shape=(count, count))  # fmt: skip
        chain = _longest_path(links)
        return [np.flatnonzero(self.labels == label) for label in chain]

    def _closing(self, firm: int, back: dict[int, int], left: int) -> list[int]:
        """Return whom a firm answers for that can be back at the start within ``left`` more steps."""
        return [step for step in _row(self._for, firm) if back.get(step, left + 1) <= left]

    @staticmethod
    def _steps(graph: csr_array, firm: int, limit: int) -> dict[int, int]:
        """Return how many steps away each firm within ``limit`` steps is, the firm itself included."""
        steps, waiting = {firm: 0}, deque([firm])
        while waiting:
            here = waiting.popleft()
            if steps[here] == limit:
                break
            for there in _row(graph, here):
                if there not in steps:
                    steps[there] = steps[here] + 1
                    waiting.append(there)
        return steps


def _check(size: int, guarantors: Places, borrowers: Places) -> None:
    if guarantors.shape != borrowers.shape or guarantors.ndim != 1:
        raise UnableToReadGuarantees("担保人与被担保人的数量不一致", field="guarantees", remedy="每笔担保须有双方")
    if not len(guarantors):
        return
    outside = min(guarantors.min(), borrowers.min()) < 0 or max(guarantors.max(), borrowers.max()) >= size
    if outside:
        raise UnableToReadGuarantees("担保中出现名单之外的主体", field="guarantees", remedy="请先把该主体列入名单")
    own = np.flatnonzero(guarantors == borrowers)
    if len(own):
        raise UnableToReadGuarantees(
            f"第 {int(own[0]) + 1} 笔担保的担保人与被担保人是同一主体", field="guarantees", remedy="请核对该笔担保"
        )


def _row(graph: csr_array, firm: int) -> list[int]:
    neighbours: list[int] = graph.indices[graph.indptr[firm] : graph.indptr[firm + 1]].tolist()
    return neighbours


def _longest_path(links: csr_array) -> list[int]:
    """Return the nodes of a longest path of an acyclic graph, round by round from the nodes nobody points at."""
    count = links.shape[0]
    waiting = np.bincount(links.indices, minlength=count)
    depth, before = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    front = np.flatnonzero(waiting == 0)
    level = 0
    while len(front):
        level += 1
        sources, targets = _edges_from(links, front)
        depth[targets], before[targets] = level, sources
        np.subtract.at(waiting, targets, 1)
        reached = np.unique(targets)
        front = reached[waiting[reached] == 0]
    if not depth.max(initial=0):
        return []
    path = [int(depth.argmax())]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return path[::-1]


def _edges_from(links: csr_array, front: Places) -> tuple[Places, Places]:
    counts = np.diff(links.indptr)[front]
    starts = np.repeat(links.indptr[front] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return np.repeat(front, counts), links.indices[starts + np.arange(int(counts.sum()))].astype(np.int64)
