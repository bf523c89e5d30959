"""The guarantee graph against networkx on random graphs."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finmart.centres.data.risk.rules.guarantees import GuaranteeGraph
from finmart.centres.data.risk.types import UnableToReadGuarantees


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 12))
    place = st.integers(0, size - 1)
    edges = draw(st.lists(st.tuples(place, place).filter(lambda edge: edge[0] != edge[1]), max_size=30))
    oracle = nx.DiGraph()
    oracle.add_nodes_from(range(size))
    oracle.add_edges_from(edges)
    return _graph(size, edges), oracle


def _graph(size, edges):
    return GuaranteeGraph(
        size, np.array([a for a, _ in edges], dtype=np.int64), np.array([b for _, b in edges], dtype=np.int64)
    )


@pytest.mark.clause("D5")
@settings(max_examples=200)
@given(graphs())
def test_mutual_guarantees_and_circles(drawn):
    graph, oracle = drawn
    assert [tuple(pair) for pair in graph.mutual().tolist()] == sorted(
        (a, b) for a, b in oracle.edges if a < b and oracle.has_edge(b, a)
    )
    circles = [group.tolist() for group in graph.circles()]
    wanted = [sorted(group) for group in nx.strongly_connected_components(oracle) if len(group) > 1]
    assert circles == sorted(wanted, key=lambda group: (-len(group), group[0]))


def _turned(cycle, firm):
    at = cycle.index(firm)
    return tuple(cycle[at:] + cycle[:at])


@pytest.mark.clause("D5")
@settings(max_examples=200)
@given(graphs(), st.integers(2, 7))
def test_the_circles_through_a_firm(drawn, longest):
    graph, oracle = drawn
    every = [cycle for cycle in nx.simple_cycles(oracle, length_bound=longest) if 0 in cycle]
    found = graph.circles_through(0, longest=longest, most=10**6)
    assert found.is_complete
    assert sorted(found.found) == sorted(_turned(cycle, 0) for cycle in every)
    assert [len(one) for one in found.found] == sorted(map(len, every))
    some = graph.circles_through(0, longest=longest, most=2)
    assert some.found == found.found[:2]
    assert some.is_complete == (len(every) <= 2)


@pytest.mark.clause("D5")
@settings(max_examples=200)
@given(graphs())
def test_chains(drawn):
    graph, oracle = drawn
    reach = graph.reach(0)
    assert {0: 0} | reach.answers_for == dict(nx.single_source_shortest_path_length(oracle, 0))
    assert {0: 0} | reach.answered_by == dict(nx.single_source_shortest_path_length(oracle.reverse(), 0))
    near = graph.reach(0, furthest=1)
    assert sorted(near.answers_for) == sorted(oracle.successors(0))
    chain = graph.longest_chain()
    links = nx.condensation(oracle)
    length = nx.dag_longest_path_length(links)
    assert len(chain) == (length + 1 if length else 0)
    for one, other in pairwise(chain):
        assert any(oracle.has_edge(a, b) for a in one.tolist() for b in other.tolist())


def test_a_dense_graph_of_guarantees_is_cut_off_and_says_so():
    everyone = [(a, b) for a in range(40) for b in range(40) if a != b]
    found = _graph(40, everyone).circles_through(0)
    assert len(found.found) == 1000
    assert not found.is_complete
    assert all(len(set(circle)) == len(circle) for circle in found.found)


@pytest.mark.parametrize(
    ("edges", "told"), [([(0, 2)], "名单之外"), ([(-1, 0)], "名单之外"), ([(0, 1), (1, 1)], "第 2 笔担保")]
)
def test_guarantees_that_cannot_be(edges, told):
    with pytest.raises(UnableToReadGuarantees, match=told):
        _graph(2, edges)


def test_no_guarantee_at_all():
    graph = _graph(3, [])
    assert graph.circles() == []
    assert graph.mutual().shape == (0, 2)
    assert graph.longest_chain() == []
    assert graph.circles_through(1).found == ()
    assert graph.reach(1).answers_for == {}
