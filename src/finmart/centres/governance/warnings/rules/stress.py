"""From bonds between nodes to what can fail, and from a spread shock to who bears it. Pure; amounts in fen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from finmart.centres.data.risk.types import Circles, ExposureNetwork, Reach, Spread
from finmart.centres.governance.warnings.types import (
    Bearer,
    Bond,
    BondKind,
    Node,
    StressResult,
    Target,
    TargetKind,
    Ties,
    Web,
)

PERSON = "PERSON"
ENTERPRISE = "ENTERPRISE"
PERSONS_LABEL = "自然人保证人"
_ORDER = (TargetKind.DISTRICT, TargetKind.CLUSTER, TargetKind.SECTION, TargetKind.CIRCLE, TargetKind.FIRM)


def exposures_of(web: Web) -> ExposureNetwork:
    """Return the web as a network. Who has no known capital never fails by contagion (infinite buffer), but loses;
    who is known to have none fails with the first fen lost.

    A node weighs what it owes and what it could lose, in the stress of the whole: a default of ours.
    """
    holders = np.array([bond.holder for bond in web.bonds], dtype=np.int64)
    debtors = np.array([bond.debtor for bond in web.bonds], dtype=np.int64)
    amounts = np.array([bond.amount_fen for bond in web.bonds], dtype=np.float64)
    size = len(web.nodes)
    capital = [np.inf if node.capital_fen is None else max(float(node.capital_fen), 1.0) for node in web.nodes]
    ends, twice = np.concatenate([holders, debtors]), np.concatenate([amounts, amounts])
    weights = np.asarray(np.bincount(ends, weights=twice, minlength=size), dtype=np.float64)
    names = tuple(node.name for node in web.nodes)
    return ExposureNetwork(names, holders, debtors, amounts, np.array(capital), weights)


def guarantees_of(web: Web) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return who guarantees for whom, as two columns of places."""
    edges = {(bond.holder, bond.debtor) for bond in web.bonds if bond.kind is BondKind.GUARANTEE}
    columns = np.array(sorted(edges), dtype=np.int64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


def targets_of(
    web: Web,
    circles: Sequence[Sequence[int]],
    districts: dict[str, str],
    clusters: dict[str, str],
    sections: dict[str, str],
) -> list[Target]:
    """Return what may fail: districts, clusters and sections with a debtor in them, circles, firms that owe."""
    owing = {bond.debtor for bond in web.bonds}
    firms = [place for place, node in enumerate(web.nodes) if node.kind == ENTERPRISE and place in owing]
    found = [
        *_grouped(TargetKind.DISTRICT, firms, lambda place: web.nodes[place].district, districts),
        *_grouped(TargetKind.CLUSTER, firms, lambda place: web.nodes[place].cluster, clusters),
        *_grouped(TargetKind.SECTION, firms, lambda place: web.nodes[place].section, sections),
    ]
    for circle in circles:
        first = min(web.nodes[place].name for place in circle)
        key = min(str(web.nodes[place].uuid) for place in circle)
        found.append(
            Target(TargetKind.CIRCLE, f"CIRCLE:{key}", f"{first}等 {len(circle)} 家担保圈", tuple(sorted(circle)))
        )
    for place in sorted(firms, key=lambda one: web.nodes[one].name):
        node = web.nodes[place]
        found.append(Target(TargetKind.FIRM, f"FIRM:{node.uuid}", node.name, (place,)))
    return sorted(found, key=lambda target: _ORDER.index(target.kind))


def _grouped(
    kind: TargetKind, firms: Iterable[int], group: Callable[[int], str], names: dict[str, str]
) -> list[Target]:
    members: dict[str, list[int]] = {}
    for place in firms:
        members.setdefault(group(place), []).append(place)
    return [
        Target(kind, f"{kind}:{code}", f"{names[code]}（{len(members[code])} 家）", tuple(members[code]))
        for code in names
        if code in members
    ]


def result_of(web: Web, target: Target, spread: Spread, method_label: str) -> StressResult:
    """Return who bears what when the target's firms fail, the largest loss first; persons stand in one line."""
    failing = set(target.places)
    direct = {kind: _lost_with(web, failing, kind) for kind in BondKind}
    held = np.bincount([bond.holder for bond in web.bonds], [bond.amount_fen for bond in web.bonds], len(web.nodes))
    bearers = []
    for place, node in enumerate(web.nodes):
        loans, guarantees = direct[BondKind.LOAN][place], direct[BondKind.GUARANTEE][place]
        further = max(0, round(float(spread.losses[place])) - loans - guarantees)
        if place not in failing and loans + guarantees + further:
            bearers.append(_bearer(node, loans, guarantees, further, round(held[place]), int(spread.failed_in[place])))
    shown = _persons_in_one_line(bearers)
    return StressResult(
        target=target,
        method_label=method_label,
        loans_fen=sum(one.loans_fen for one in bearers),
        guarantees_fen=sum(one.guarantees_fen for one in bearers),
        further_fen=sum(one.further_fen for one in bearers),
        held_fen=sum(bond.amount_fen for bond in web.bonds),
        stress=spread.outcome.original_stress + spread.outcome.additional_stress,
        further_failing=spread.outcome.additional_defaults,
        unjudged=sum(one.count for one in shown if not one.is_judged),
        bearers=tuple(sorted(shown, key=lambda one: (-one.lost_fen, one.name))),
    )


def _lost_with(web: Web, failing: set[int], kind: BondKind) -> list[int]:
    lost = [0] * len(web.nodes)
    for bond in web.bonds:
        if bond.kind is kind and bond.debtor in failing:
            lost[bond.holder] += bond.amount_fen
    return lost


def _bearer(node: Node, loans: int, guarantees: int, further: int, held: int, failed_in: int) -> Bearer:
    return Bearer(
        name=node.name, kind=node.kind, kind_label=node.kind_label, loans_fen=loans, guarantees_fen=guarantees,
        further_fen=further, held_fen=held, is_judged=node.capital_fen is not None,
        fails_in=failed_in if failed_in > 0 else None,
    )  # fmt: skip


def _persons_in_one_line(bearers: list[Bearer]) -> list[Bearer]:
    persons = [one for one in bearers if one.kind == PERSON]
    if not persons:
        return bearers
    together = replace(
        persons[0], name=f"{PERSONS_LABEL} {len(persons)} 名", count=len(persons),
        **{
            part: sum(getattr(one, part) for one in persons)
            for part in ("loans_fen", "guarantees_fen", "further_fen", "held_fen")
        },
    )  # fmt: skip
    return [*(one for one in bearers if one.kind != PERSON), together]


def ties_of(web: Web, circles: Circles, reach: Reach) -> Ties:
    """Return a firm's circles and chains by name, the nearest first; of persons only how they count in bearers."""

    def named(steps: Mapping[int, int]) -> tuple[tuple[str, int], ...]:
        firms = [(web.nodes[place].name, step) for place, step in steps.items() if web.nodes[place].kind != PERSON]
        return tuple(sorted(firms, key=lambda one: (one[1], one[0])))

    return Ties(
        circles=tuple(tuple(web.nodes[place].name for place in circle) for circle in circles.found),
        is_complete=circles.is_complete,
        answers_for=named(reach.answers_for),
        answered_by=named(reach.answered_by),
    )


def chain_names(web: Web, links: Iterable[Iterable[int]]) -> tuple[str, ...]:
    """Return the links of a chain by their names; a circle in it is one link."""
    return tuple("、".join(web.nodes[place].name for place in link) for link in links)


__all__ = ["Bond", "chain_names", "exposures_of", "guarantees_of", "result_of", "targets_of", "ties_of"]
