"""Loans, schedules, due dates and costs, each as the actor may see them."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import BigIntegerField, Min, Prefetch, Q, UUIDField

from finmart.centres.business.servicing import policies, rules
from finmart.centres.business.servicing.models import FeeLine, InstalmentRow, LoanAccount, Repayment
from finmart.centres.business.servicing.types import (
    LIVE_STATES,
    CheckView,
    CostFigures,
    DueLine,
    InstalmentState,
    InstalmentView,
    LoanExposure,
    LoanRef,
    LoanState,
    LoanView,
    PayoffQuote,
    RepaymentView,
    ServicingAct,
    Split,
    TotalCost,
)
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.kit.finance import (
    AnnualCost,
    DayCount,
    Fee,
    Instalment,
    Standing,
    Terms,
    annual_cost,
    due_dates,
    interest_to,
    plan,
)
from finmart.kit.statements import Given, Statement, is_kept

_LOAN = Statement(
    lambda: LoanAccount.objects.select_related("lender", "borrower", "borrower_person").filter(
        uuid=Given("uuid", UUIDField())
    )
)
_OF_CASE = Statement(lambda: LoanAccount.objects.filter(case_uuid=Given("case", UUIDField())).order_by("-pk"))
_LIVE_ROWS = Statement(
    lambda: InstalmentRow.objects.filter(loan=Given("loan", BigIntegerField()), replaced_at=None).order_by("number")
)
_FEES = Statement(lambda: FeeLine.objects.filter(loan=Given("loan", BigIntegerField())))


def loan_for(actor: Actor, uuid: UUID) -> LoanView:
    """Return one loan as it stands today. Raises NotFound for strangers."""
    return _view(actor, _found(actor, uuid))


def loan_ref_for(actor: Actor, uuid: UUID) -> LoanRef:
    """Return one loan as a whole, without its schedule and its cost. Raises NotFound for strangers."""
    loan = transactions.remembered(_key(uuid), lambda: _LOAN.first(uuid=uuid))
    if loan is None or not policies.can_know(actor, loan):
        raise _not_found()
    return loan_ref(loan)


def keep(loan: LoanAccount) -> None:
    """Have the rest of the transaction see this row, which it has under lock. For this centre only."""
    transactions.forget(_key(loan.uuid))
    transactions.remembered(_key(loan.uuid), lambda: loan)


def loans_for(actor: Actor, *, states: Iterable[LoanState] = (), case_uuid: UUID | None = None) -> list[LoanView]:
    """Return the loans the actor's side has lent or borrowed, newest first, narrowed to states or a case."""
    loans = policies.visible_loans(actor)
    if states:
        loans = loans.filter(state__in=list(states))
    if case_uuid is not None:
        loans = loans.filter(case_uuid=case_uuid)
    return [_view(actor, loan) for loan in loans.prefetch_related(_live_rows(), "fees").order_by("-pk")]


def refs_of_case_for(actor: Actor, case_uuid: UUID) -> list[LoanRef]:
    """Return the loans of a case as wholes, newest first; for strangers there are none."""
    return [loan_ref(loan) for loan in _OF_CASE.all(case=case_uuid) if policies.can_know(actor, loan)]


def schedules_of_case_for(actor: Actor, case_uuid: UUID) -> list[tuple[LoanView, list[InstalmentView]]]:
    """Return the loans of a case, newest first, each with its schedule as it stands today."""
    loans = policies.visible_loans(actor).filter(case_uuid=case_uuid).prefetch_related(_live_rows(), "fees")
    today = clock.today()
    return [
        (_view(actor, loan), [_instalment_view(loan, row, today) for row in live_rows(loan)])
        for loan in loans.order_by("-pk")
    ]


def schedule_for(actor: Actor, uuid: UUID) -> list[InstalmentView]:
    """Return the schedule as it stands today, earliest first. Raises NotFound for strangers."""
    loan = _found(actor, uuid)
    return [_instalment_view(loan, row, clock.today()) for row in live_rows(loan)]


def payoff_quote_for(actor: Actor, uuid: UUID, on: date | None = None) -> PayoffQuote:
    """Return what settles the loan on a day (today by default). Raises NotFound, and Refusal for a day in the past."""
    loan = _found(actor, uuid)
    chosen = on or clock.today()
    if chosen < clock.today():
        raise Refusal("结清日期不能早于今天", field="on")
    return PayoffQuote(chosen, payoff(loan, live_rows(loan), chosen))


def repayments_for(actor: Actor, uuid: UUID) -> list[RepaymentView]:
    """Return what has been repaid, oldest first. Raises NotFound for strangers."""
    return [repayment_view(row) for row in _found(actor, uuid).repayments.order_by("pk")]


def checks_for(actor: Actor, uuid: UUID) -> list[CheckView]:
    """Return the after-loan checks, newest first. Raises NotFound for strangers, AccessDenied for the borrower."""
    loan = _found(actor, uuid)
    if not policies.can_read_checks(actor, loan):
        raise AccessDenied("贷后检查记录仅供贷款机构查看")
    return [
        CheckView(row.uuid, row.at, row.by.full_name, row.conclusion, row.findings, row.document_uuid)
        for row in loan.checks.select_related("by").order_by("-pk")
    ]


def due_dates_for(actor: Actor, *, from_on: date | None = None, to_on: date | None = None) -> list[DueLine]:
    """Return one calendar of what the actor's side still owes on all its loans, earliest first; ``to_on`` excluded."""
    loans = policies.visible_loans(actor).filter(policies.borrowed_by(actor), state__in=LIVE_STATES)
    today = clock.today()
    lines = []
    for loan in loans.prefetch_related(_live_rows()):
        for row in live_rows(loan):
            view = _instalment_view(loan, row, today)
            inside = (from_on is None or row.due_on >= from_on) and (to_on is None or row.due_on < to_on)
            if inside and view.state != InstalmentState.PAID:
                lines.append(
                    DueLine(row.due_on, loan.uuid, loan.number, loan.lender.name, row.number, view.unpaid_fen,
                            view.state)
                )  # fmt: skip
    return sorted(lines, key=lambda line: (line.due_on, line.loan_number))


def total_cost_for(actor: Actor) -> TotalCost:
    """Return what all loans the actor's side has borrowed cost it, settled ones included (clause O5)."""
    loans = list(
        policies.visible_loans(actor)
        .filter(policies.borrowed_by(actor))
        .exclude(state=LoanState.CANCELLED)
        .prefetch_related(_live_rows(), "fees", "repayments")
    )
    paid = sum((row.split for loan in loans for row in loan.repayments.all()), Split())
    principal_fen = sum(loan.principal_fen for loan in loans)
    weighted = sum((loan.principal_fen * cost_of(loan).compound for loan in loans), Decimal(0))
    return TotalCost(
        loans=len(loans),
        principal_fen=principal_fen,
        outstanding_fen=sum(loan.outstanding_fen for loan in loans),
        interest_paid_fen=paid.interest_fen,
        interest_to_come_fen=sum(r.interest_fen - r.interest_paid_fen for loan in loans for r in live_rows(loan)),
        penalty_paid_fen=paid.penalty_fen,
        fees_fen=sum(fee.amount_fen for loan in loans for fee in loan.fees.all()),
        annual_rate=(weighted / principal_fen).quantize(Decimal("0.00000001")) if principal_fen else None,
    )


def figures() -> CostFigures:
    """Return what the loans in force cost on average, all fees in, weighted by what was lent (clause O5)."""
    loans = list(LoanAccount.objects.filter(state__in=LIVE_STATES).prefetch_related("fees"))
    principal_fen = sum(loan.principal_fen for loan in loans)
    weighted = sum((loan.principal_fen * cost_of(loan).compound for loan in loans), Decimal(0))
    return CostFigures(
        loans=len(loans),
        outstanding_fen=sum(loan.outstanding_fen for loan in loans),
        annual_rate=weighted / principal_fen if principal_fen else None,
    )


def exposures_for(actor: Actor) -> list[LoanExposure]:
    """Return what is outstanding of every loan in force the actor may know of, oldest loan first; two queries."""
    loans = policies.visible_loans(actor).filter(state__in=LIVE_STATES).select_related(None).order_by("pk")
    unpaid = InstalmentRow.objects.filter(due_on__lt=clock.today(), paid_at=None, replaced_at=None, loan__in=loans)
    since = dict(unpaid.values("loan_id").annotate(since=Min("due_on")).values_list("loan_id", "since"))
    return [
        LoanExposure(
            loan.contract_uuid, loan.lender_id, loan.borrower_id, loan.borrower_person_id, loan.outstanding_fen,
            since.get(loan.pk),
        )
        for loan in loans
        if loan.outstanding_fen
    ]  # fmt: skip


def loans_to_mark(actor: Actor) -> list[UUID]:
    """Return the loans with an instalment overdue today that nobody has marked yet. For the daily job only."""
    if not actor.system:
        raise AccessDenied("仅供系统使用")
    return list(
        InstalmentRow.objects.filter(
            due_on__lt=clock.today(), paid_at=None, replaced_at=None, overdue_at=None, loan__state__in=LIVE_STATES
        )
        .order_by("loan_id")
        .values_list("loan__uuid", flat=True)
        .distinct()
    )


def running_numbers_of(*, organisation_id: int | None, person_id: int) -> list[str]:
    """Return the numbers of loans that run, of a firm or (where None) of a person; for whoever decides on its data."""
    own = Q(borrower_id=organisation_id) if organisation_id is not None else Q(borrower_person_id=person_id)
    loans = LoanAccount.objects.filter(own, state__in=[str(state) for state in LIVE_STATES])
    return list(loans.order_by("pk").values_list("number", flat=True))


def loan_ref(loan: LoanAccount) -> LoanRef:
    ends_on = due_dates(kit_terms(loan))[-1]
    return LoanRef(loan.uuid, loan.number, loan.case_uuid, loan.contract_uuid, loan.state, ends_on)


def repayment_view(row: Repayment) -> RepaymentView:
    return RepaymentView(row.uuid, row.at, row.kind, row.split)


def live_rows(loan: LoanAccount) -> list[InstalmentRow]:
    """Return the lines of the schedule in force, by number. For this centre only."""
    rows = loan.instalments.all() if is_kept(loan, "instalments") else _LIVE_ROWS.all(loan=loan.pk)
    return sorted((row for row in rows if row.replaced_at is None), key=lambda row: row.number)


def _fees(loan: LoanAccount) -> Iterable[FeeLine]:
    return loan.fees.all() if is_kept(loan, "fees") else _FEES.all(loan=loan.pk)


def owed(loan: LoanAccount, row: InstalmentRow, on: date) -> rules.Owed:
    """Return what is unpaid of a line on a day, penalty interest up to that day. For this centre only."""
    return rules.Owed(
        row.number,
        row.penalty_fen - row.penalty_paid_fen + penalty_since(loan, row, on),
        row.interest_fen - row.interest_paid_fen,
        row.principal_fen - row.principal_paid_fen,
    )


def penalty_since(loan: LoanAccount, row: InstalmentRow, on: date) -> int:
    """Return the penalty interest that has run since it was latest written down. For this centre only."""
    return rules.penalty(
        row.principal_fen - row.principal_paid_fen, loan.annual_rate, loan.penalty_uplift, DayCount(loan.day_count),
        row.penalty_to, on,
    )  # fmt: skip


def kit_terms(loan: LoanAccount) -> Terms:
    return rules.terms_of(loan.principal_fen, loan.started_on, loan.terms)


def standing(rows: Sequence[InstalmentRow], on: date) -> Standing | None:
    """Return the part of a loan that is not due on a day yet, None where there is none. For this centre only."""
    coming = [row for row in rows if row.due_on > on and row.paid_at is None]
    if not coming:
        return None
    balance_fen = left = sum(row.principal_fen for row in coming)
    lines = []
    for row in coming:
        left -= row.principal_fen
        lines.append(Instalment(row.number, row.from_on, row.due_on, row.principal_fen, row.interest_fen, left))
    return Standing(balance_fen, coming[0].from_on, lines)


def payoff(loan: LoanAccount, rows: Sequence[InstalmentRow], on: date) -> Split:
    """Return what ends the loan on a day. For this centre only."""
    due = [owed(loan, row, on) for row in rows if row.due_on <= on and row.paid_at is None]
    total = Split(
        sum(line.penalty_fen for line in due),
        sum(line.interest_fen for line in due),
        sum(line.principal_fen for line in due),
    )
    rest = standing(rows, on)
    if rest is None:
        return total
    interest_fen = interest_to(kit_terms(loan), rest, max(on, rest.settled_to))
    return total + Split(interest_fen=interest_fen, principal_fen=rest.balance_fen)


def cost_of(loan: LoanAccount) -> AnnualCost:
    """Return the all-in annual rate of the loan as it was agreed, fees in. For this centre only."""
    terms = kit_terms(loan)
    fees = [Fee(fee.paid_on, fee.amount_fen) for fee in _fees(loan)]
    return annual_cost(loan.principal_fen, plan(terms), started_on=loan.started_on, fees=fees)


def _found(actor: Actor, uuid: UUID) -> LoanAccount:
    loan = _LOAN.first(uuid=uuid)
    if loan is None or not policies.can_know(actor, loan):
        raise _not_found()
    return loan


def _not_found() -> NotFound:
    return NotFound("没有找到该笔贷款")


def _key(uuid: UUID) -> tuple[str, UUID]:
    return "servicing:loan", uuid


def _live_rows() -> "Prefetch[str]":
    return Prefetch("instalments", InstalmentRow.objects.filter(replaced_at=None).order_by("number"))


def _instalment_view(loan: LoanAccount, row: InstalmentRow, today: date) -> InstalmentView:
    is_paid = row.paid_at is not None
    return InstalmentView(
        number=row.number,
        from_on=row.from_on,
        due_on=row.due_on,
        principal_fen=row.principal_fen,
        interest_fen=row.interest_fen,
        penalty_fen=row.penalty_fen + penalty_since(loan, row, today),
        paid_fen=row.principal_paid_fen + row.interest_paid_fen + row.penalty_paid_fen,
        state=rules.instalment_state(row.due_on, today, is_paid=is_paid),
    )


def _view(actor: Actor, loan: LoanAccount) -> LoanView:
    views = [_instalment_view(loan, row, clock.today()) for row in live_rows(loan)]
    unpaid = [view for view in views if view.state != InstalmentState.PAID and policies.is_live(loan)]
    borrower = loan.borrower.name if loan.borrower else loan.borrower_person.full_name if loan.borrower_person else ""
    return LoanView(
        ref=loan_ref(loan),
        lender_name=loan.lender.name,
        borrower_name=borrower,
        principal_fen=loan.principal_fen,
        outstanding_fen=loan.outstanding_fen,
        annual_rate=loan.annual_rate,
        method=loan.method,
        day_count=loan.day_count,
        started_on=loan.started_on,
        ends_on=due_dates(kit_terms(loan))[-1],
        term_months=loan.term_months,
        next_due_on=unpaid[0].due_on if unpaid else None,
        next_due_fen=unpaid[0].unpaid_fen if unpaid else 0,
        overdue_fen=sum(view.unpaid_fen for view in unpaid if view.state == InstalmentState.OVERDUE),
        fees=tuple(fee.as_fee for fee in _fees(loan)),
        cost=cost_of(loan),
        acts=_acts(actor, loan),
    )


def _acts(actor: Actor, loan: LoanAccount) -> frozenset[ServicingAct]:
    if not policies.is_live(loan):
        return frozenset()
    record = policies.can_record(actor, loan)
    asked = {
        ServicingAct.LOAN_REPAY: record,
        ServicingAct.LOAN_PREPAY: record,
        ServicingAct.LOAN_SETTLE: record,
        ServicingAct.LOAN_REQUEST_REPAYMENT: policies.can_request(actor, loan),
        ServicingAct.CHECK_RECORD: policies.can_check(actor, loan),
    }
    return frozenset(act for act, allowed in asked.items() if allowed)
