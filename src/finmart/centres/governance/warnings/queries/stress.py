"""The stress page: what if this firm, this district, this circle fails? Over loans and guarantees in force."""

from collections.abc import Sequence
from dataclasses import replace

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.business.servicing.types import LoanExposure
from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.risk.types import SpreadMethod
from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.models import RaisedWarning
from finmart.centres.governance.warnings.rules import stress
from finmart.centres.governance.warnings.types import (
    Bond,
    BondKind,
    Grade,
    Node,
    RedFirm,
    RedPicture,
    StressResult,
    Target,
    TargetKind,
    UnableToStress,
    WarningState,
    Web,
    WebSummary,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

CAPITAL, SECTION, CLUSTER = "registered_capital_fen", "industry_section", "industry_cluster"
_Key = tuple[str, int]


def summary_for(actor: Actor) -> WebSummary:
    """Return who is bound to whom, in figures, and what may be asked of :func:`stress_for`.

    Reads capital and industry of the firms for the operator's purpose of warning, which leaves a line in the ledger.
    Raises AccessDenied for all but operator staff and the system.
    """
    return _summary(_web(actor))


def stress_for(actor: Actor, code: str, method: SpreadMethod) -> tuple[WebSummary, StressResult]:
    """Return the summary, and what would happen if the target of this code failed.

    Raises AccessDenied, and UnableToStress for a target that is not there.
    """
    web = _web(actor)
    summary = _summary(web)
    target = next((one for one in summary.targets if one.code == code), None)
    if target is None:
        raise UnableToStress("没有找到要推演的对象，它可能已还清全部贷款", field="target", remedy="请从列表中重新选择")
    from finmart.centres.data.risk import queries as risk_queries  # noqa: PLC0415 - see _summary

    spread = risk_queries.shock(stress.exposures_of(web), target.places, method)
    result = stress.result_of(web, target, spread, method.label)
    if target.kind is not TargetKind.FIRM:
        return summary, result
    circles, reach = risk_queries.circles_through(len(web.nodes), *stress.guarantees_of(web), target.places[0])
    return summary, replace(result, ties=stress.ties_of(web, circles, reach))


def red_for(actor: Actor) -> RedPicture:
    """Return the firms in red, the circles of guarantees, and what it would do if all firms in red failed at once.

    Stress is DebtRank's. Raises AccessDenied for all but operator staff and the system.
    """
    return _red(actor, _web(actor))


def picture_for(actor: Actor) -> tuple[WebSummary, RedPicture]:
    """Return what :func:`summary_for` and :func:`red_for` do, of one reading of who is bound to whom."""
    web = _web(actor)
    return _summary(web), _red(actor, web)


def _red(actor: Actor, web: Web) -> RedPicture:
    from finmart.centres.data.risk import queries as risk_queries  # noqa: PLC0415 - see _summary

    rows = RaisedWarning.objects.filter(state=WarningState.OPEN, grade=Grade.RED)
    ids = sorted(set(rows.values_list("firm_id", flat=True)))
    table = profiles_queries.fact_table([CLUSTER], actor=actor, purpose=Purpose.WARNING)
    clusters = dict(table.iter_rows())
    firms = tuple(
        RedFirm(one.uuid, one.name, one.district, clusters.get(one.id) or "")
        for one in parties_queries.organisations(ids)
    )
    owing = {bond.debtor for bond in web.bonds}
    red = {one.uuid for one in firms}
    places = tuple(place for place, node in enumerate(web.nodes) if node.uuid in red and place in owing)
    graph = risk_queries.guarantee_graph(len(web.nodes), *stress.guarantees_of(web))
    named = tuple(tuple(str(web.nodes[place].uuid) for place in circle) for circle in graph.circles)
    if not places:
        return RedPicture(firms, named, 0.0)
    spread = risk_queries.shock(stress.exposures_of(web), places, SpreadMethod.DEBTRANK)
    return RedPicture(firms, named, spread.outcome.original_stress + spread.outcome.additional_stress)


def guaranteed_by(actor: Actor, loans: Sequence[LoanExposure]) -> dict[int, int]:
    """Return organisation → what it has guaranteed for others, in fen outstanding. For this centre."""
    guarantors = instruments_queries.guarantors_of(actor, [loan.contract_uuid for loan in loans])
    sums: dict[int, int] = {}
    for loan in loans:
        for organisation_id, _ in guarantors.get(loan.contract_uuid, ()):
            if organisation_id is not None and organisation_id != loan.borrower_id:
                sums[organisation_id] = sums.get(organisation_id, 0) + loan.outstanding_fen
    return sums


def _web(actor: Actor) -> Web:
    if not policies.can_stress(actor):
        raise AccessDenied("压力推演只对运营人员开放")
    loans = servicing_queries.exposures_for(actor)
    guarantors = instruments_queries.guarantors_of(actor, [loan.contract_uuid for loan in loans])
    places: dict[_Key, int] = {}
    bonds = []
    for loan in loans:
        debtor = _place(places, loan.borrower_id, loan.borrower_person_id)
        bonds.append(Bond(_place(places, loan.lender_id, None), debtor, loan.outstanding_fen, BondKind.LOAN))
        for organisation_id, person_id in guarantors.get(loan.contract_uuid, ()):
            holder = _place(places, organisation_id, person_id)
            if holder != debtor:
                bonds.append(Bond(holder, debtor, loan.outstanding_fen, BondKind.GUARANTEE))
    return Web(tuple(_nodes(actor, list(places))), tuple(bonds))


def _place(places: dict[_Key, int], organisation_id: int | None, person_id: int | None) -> int:
    key = ("ORGANISATION", organisation_id) if organisation_id is not None else (stress.PERSON, person_id or 0)
    return places.setdefault(key, len(places))


def _nodes(actor: Actor, keys: list[_Key]) -> list[Node]:
    ids = [number for kind, number in keys if kind != stress.PERSON]
    organisations = {one.id: one for one in parties_queries.organisations(ids)}
    facts = {
        row["organisation_id"]: row
        for row in profiles_queries.fact_table(
            [CAPITAL, SECTION, CLUSTER], actor=actor, purpose=Purpose.WARNING
        ).to_dicts()
    }
    nodes = []
    for kind, number in keys:
        if kind == stress.PERSON:
            nodes.append(Node(None, stress.PERSONS_LABEL, stress.PERSON, "自然人"))
            continue
        one, known = organisations[number], facts.get(number, {})
        capital = known.get(CAPITAL)
        nodes.append(
            Node(
                one.uuid, one.name, one.kind, OrganisationKind(one.kind).label, one.district,
                known.get(SECTION) or "", known.get(CLUSTER) or "", None if capital is None else int(capital),
            )
        )  # fmt: skip
    return nodes


def _summary(web: Web) -> WebSummary:
    # Brings scikit-learn along for the back-tests, a second of start for every process that asks nothing of risk.
    from finmart.centres.data.risk import queries as risk_queries  # noqa: PLC0415

    graph = risk_queries.guarantee_graph(len(web.nodes), *stress.guarantees_of(web))
    names = [node.name for node in web.nodes]
    sums = {kind: sum(bond.amount_fen for bond in web.bonds if bond.kind is kind) for kind in BondKind}
    return WebSummary(
        loans_fen=sums[BondKind.LOAN],
        guarantees_fen=sums[BondKind.GUARANTEE],
        firms=len({bond.debtor for bond in web.bonds}),
        guarantors=len({bond.holder for bond in web.bonds if bond.kind is BondKind.GUARANTEE}),
        targets=tuple(_targets(web, graph.circles)),
        mutual=tuple((names[one], names[other]) for one, other in graph.mutual),
        circles=tuple(tuple(names[place] for place in circle) for circle in graph.circles),
        longest_chain=stress.chain_names(web, graph.longest_chain),
    )


def _targets(web: Web, circles: tuple[tuple[int, ...], ...]) -> list[Target]:
    known = catalogue_queries.register()
    clusters = {one.code: one.name for one in parameters_queries.clusters()}
    return stress.targets_of(web, circles, dict(known["district"].choices), clusters, dict(known[SECTION].choices))
