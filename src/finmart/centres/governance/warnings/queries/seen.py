"""Warnings at other doors: the regulator's, read-only and masked by competence; an institution's, under consent."""

import math
from collections import Counter
from uuid import UUID

from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import ConsentState, Purpose
from finmart.centres.governance.warnings import policies
from finmart.centres.governance.warnings.models import RaisedWarning
from finmart.centres.governance.warnings.queries.stress import picture_for
from finmart.centres.governance.warnings.queries.watching import worst_first
from finmart.centres.governance.warnings.rules import signals
from finmart.centres.governance.warnings.types import (
    BorrowerRow,
    BorrowerWarning,
    BorrowerWarnings,
    Grade,
    Overseen,
    OverseenRow,
    OverseenStress,
    SignalCode,
    WarningsAct,
    WarningState,
)
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationRef
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

DOOR = Actor.of_system("regulator_door")
PAGE = 20  # warnings shown at once: a default of ours
KEPT_SIGNS = 2


def overseen_for(
    actor: Actor,
    *,
    grade: Grade | None = None,
    district: str = "",
    signal: SignalCode | None = None,
    page: int = 1,
) -> Overseen:
    """Return a page of the open warnings for a regulator or department; one of a district sees that district alone.

    Pages count from 1; beyond the last one, the last. Names and evidence only for who is competent. Every look is on
    record with how many rows it showed. Raises AccessDenied for all others.
    """
    if not policies.can_oversee(actor):
        raise AccessDenied("监管视图只对监管部门、政府部门开放")
    own = parties_queries.organisation(actor.organisation_id).district if actor.organisation_id else ""
    rows = list(RaisedWarning.objects.filter(state=WarningState.OPEN).order_by(worst_first(), "due_at", "pk"))
    firms = {one.id: one for one in parties_queries.organisations({row.firm_id for row in rows})}
    seen = [row for row in rows if not own or firms[row.firm_id].district == own]
    counted: dict[str, Counter[Grade]] = {}
    for row in seen:
        counted.setdefault(firms[row.firm_id].district, Counter())[Grade(row.grade)] += 1
    chosen = [
        row
        for row in seen
        if (grade is None or row.grade == grade)
        and (signal is None or row.signal == signal)
        and (not district or firms[row.firm_id].district == district)
    ]
    page = min(max(page, 1), max(math.ceil(len(chosen) / PAGE), 1))
    shown = chosen[(page - 1) * PAGE : page * PAGE]
    named, names = policies.can_see_names(actor), {one.code: one.name for one in parameters_queries.districts()}
    audit_operations.record(actor, WarningsAct.WARNING_READ, "warnings:open", shown=len(shown), page=page, named=named)
    return Overseen(
        by_district=tuple(
            (names.get(code, "未登记区域"), {one: counted[code][one] for one in Grade})
            for code in sorted(counted, key=lambda code: -sum(counted[code].values()))
        ),
        rows=tuple(_overseen(row, firms[row.firm_id], names, is_named=named) for row in shown),
        total=len(chosen),
        page=page,
        size=PAGE,
        is_named=named,
        district_name=names.get(own, ""),
    )


def _overseen(row: RaisedWarning, firm: OrganisationRef, names: dict[str, str], *, is_named: bool) -> OverseenRow:
    return OverseenRow(
        firm_name=firm.name if is_named else masked(firm.name),
        district_name=names.get(firm.district, "未登记区域"),
        signal_label=SignalCode(row.signal).label,
        grade=Grade(row.grade),
        evidence=row.evidence if is_named else "",
        raised_at=row.raised_at,
        due_at=row.due_at,
        is_late=row.due_at < clock.now(),
        is_taken=row.owner_id is not None,
    )


def masked(name: str) -> str:
    """Return a firm's name with all but its first two signs hidden, not telling its length: ``吴门****``."""
    return f"{name[:KEPT_SIGNS]}****"


def overseen_stress_for(actor: Actor) -> OverseenStress:
    """Return the figures of the stress page, sums only. Raises AccessDenied for all but regulators and departments."""
    if not policies.can_oversee(actor):
        raise AccessDenied("监管视图只对监管部门、政府部门开放")
    summary, red = picture_for(DOOR)
    return OverseenStress(
        summary.loans_fen, summary.guarantees_fen, summary.firms, len(summary.mutual), len(summary.circles),
        len(red.firms), red.stress,
    )  # fmt: skip


def borrowers_for(actor: Actor) -> list[BorrowerRow]:
    """Return the firms that owe the actor's institution, and which of them consented to be watched after the loan.

    Says nothing of warnings. Raises AccessDenied for all but institutions.
    """
    sums = _owed(actor)
    firms = {one.id: one for one in parties_queries.organisations(sums)}
    covered = {
        consent.grantor.id
        for consent in consents_queries.consents_for(actor)
        if consent.purpose == Purpose.AFTER_LOAN and consent.state == ConsentState.IN_FORCE
    }
    rows = [BorrowerRow(firms[firm].uuid, firms[firm].name, fen, firm in covered) for firm, fen in sums.items()]
    return sorted(rows, key=lambda row: (not row.is_covered, row.name))


def borrower_warnings_for(actor: Actor, firm_uuid: UUID) -> BorrowerWarnings:
    """Return a borrower's open warnings as far as its consent for after-loan watching covers the facts behind them.

    Leaves a line in the ledger the firm can read. Raises AccessDenied; NotFound for who owes the institution nothing;
    ConsentRequired (recorded) where there is no consent.
    """
    firms = {one.uuid: one for one in parties_queries.organisations(_owed(actor))}
    firm = firms.get(firm_uuid)
    if firm is None:
        raise NotFound("没有找到该借款企业")
    leave = consents_operations.disclose(actor, subject_id=firm.id, purpose=Purpose.AFTER_LOAN)
    covered = {code for code, signal in signals.SIGNALS.items() if set(signal.facts) <= set(leave.fact_types)}
    rows = RaisedWarning.objects.filter(firm_id=firm.id, state=WarningState.OPEN, signal__in=covered)
    if leave.earliest_on is not None:
        rows = rows.filter(raised_at__date__gte=leave.earliest_on)
    return BorrowerWarnings(
        firm_name=firm.name,
        warnings=tuple(
            BorrowerWarning(
                SignalCode(row.signal).label,
                Grade(row.grade),
                "" if leave.conclusions_only else row.evidence,
                row.raised_at,
            )
            for row in rows.order_by(worst_first(), "pk")
        ),
        watched=len(covered),
        not_covered=len(signals.SIGNALS) - len(covered),
    )


def _owed(actor: Actor) -> dict[int, int]:
    if not policies.can_ask_of_borrowers(actor):
        raise AccessDenied("借款企业预警只对有在贷业务的金融机构开放")
    sums: dict[int, int] = {}
    for loan in servicing_queries.exposures_for(actor):
        if loan.borrower_id is not None and loan.lender_id == actor.organisation_id:
            sums[loan.borrower_id] = sums.get(loan.borrower_id, 0) + loan.outstanding_fen
    return sums
