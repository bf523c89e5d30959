"""A loan from its first day to its last: what is owed, what money pays, who may see and do what."""

from datetime import date
from uuid import uuid4

import pytest

from factories import funds as lending_of
from factories import parties as people
from factories import servicing as loan_of
from factories.funds import BANK_CORE, account
from factories.servicing import START, at, borrower_pays, ledger_agrees
from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.funds.types import BankAnswer
from finmart.centres.business.servicing import operations, queries, tasks
from finmart.centres.business.servicing.events import InstalmentOverdue, LoanSettled
from finmart.centres.business.servicing.types import (
    CheckConclusion,
    InstalmentState,
    LoanState,
    RepaymentKind,
    ServicingAct,
    Split,
    UnableToRepay,
    UnableToStartLoan,
)
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound, Refusal
from finmart.kit.finance import PrepaymentMode, RepaymentMethod


@pytest.fixture
def heard(monkeypatch):
    caught = []
    for kind in (InstalmentOverdue, LoanSettled):
        monkeypatch.setitem(events._reactions, kind, [caught.append])
    return caught


@pytest.fixture
def loan(db):
    with clock.moved_to(START):
        return loan_of.in_force()


def _split(outcome):
    split = outcome.repayment.split
    return split.penalty_fen, split.interest_fen, split.principal_fen


@pytest.mark.clause("B6")
def test_a_loan_is_repaid_instalment_by_instalment_and_settled(loan, heard):
    with at("2026-01-20"):
        view = queries.loan_for(loan.firm, loan.uuid)
        assert (view.outstanding_fen, view.next_due_on, view.next_due_fen) == (12_000_000, date(2026, 2, 15), 1_060_000)
        assert view.ends_on == date(2027, 1, 15)
        lines = queries.schedule_for(loan.firm, loan.uuid)
    for number, line in enumerate(lines, start=1):
        with at(line.due_on.isoformat()):
            outcome = operations.repay(
                loan.manager, loan.uuid, amount_fen=line.total_fen, idempotency_key=f"month {number}"
            )
            assert outcome.repayment.split == Split(interest_fen=line.interest_fen, principal_fen=line.principal_fen)
            ledger_agrees(loan)
    assert outcome.loan.state == LoanState.SETTLED
    assert [type(event) for event in heard] == [LoanSettled]
    view = queries.loan_for(loan.firm, loan.uuid)
    assert (view.outstanding_fen, view.next_due_on, view.acts) == (0, None, frozenset())
    with pytest.raises(UnableToRepay, match="已结清"):
        operations.repay(loan.manager, loan.uuid, amount_fen=1, idempotency_key="more")
    number = cases_queries.case_by_uuid_for(loan.firm, loan.lending.case_uuid).ref.number
    assert cases_queries.timeline_for(loan.firm, number)[0].text == f"贷款 {view.ref.number} 已结清"


def test_the_same_key_is_written_once_and_not_for_something_else(loan):
    with at("2026-02-15"):
        wanted = {"amount_fen": 1_060_000, "idempotency_key": "r1"}
        first = operations.repay(loan.manager, loan.uuid, **wanted)
        again = operations.repay(loan.manager, loan.uuid, **wanted)
        assert (first.is_new, again.is_new) == (True, False)
        assert first.repayment == again.repayment
        with pytest.raises(Conflict):
            operations.repay(loan.manager, loan.uuid, amount_fen=5, idempotency_key="r1")
        with pytest.raises(Conflict):
            operations.prepay(loan.manager, loan.uuid, principal_fen=1_000_000, idempotency_key="r1")
        assert len(queries.repayments_for(loan.firm, loan.uuid)) == 1


@pytest.mark.parametrize(("amount_fen", "key"), [(0, "a"), (-1, "a"), (10**18, "a"), (100, ""), (100, "k" * 71)])
def test_amounts_and_keys_that_are_none_are_refused(loan, amount_fen, key):
    with at("2026-02-15"), pytest.raises(Refusal):
        operations.repay(loan.manager, loan.uuid, amount_fen=amount_fen, idempotency_key=key)


def test_more_than_is_due_is_refused_and_changes_nothing(loan):
    with at("2026-02-15"), pytest.raises(UnableToRepay, match=r"多出 0\.01 元"):
        operations.repay(loan.manager, loan.uuid, amount_fen=1_060_001, idempotency_key="r")
    with at("2026-02-01"), pytest.raises(UnableToRepay):  # fourteen days early is too early
        operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key="r")
    with at("2026-02-05"):
        with pytest.raises(UnableToRepay):  # early, but not whole
            operations.repay(loan.manager, loan.uuid, amount_fen=1_059_999, idempotency_key="r")
        assert operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key="r").is_new


@pytest.mark.clause("B6")
def test_overdue_money_pays_penalty_then_interest_then_principal(loan, heard):
    # By hand: the first instalment (10,000.00 principal, 600.00 interest) is 10 days late on 02-25:
    # 10,000 × 6 % × 1.5 × 10 / 360 = 25.00.
    with at("2026-02-25"):
        tasks.mark_overdue(timestamp=0)
        tasks.mark_overdue(timestamp=0)
        assert [(type(e), e.number, e.unpaid_fen) for e in heard] == [(InstalmentOverdue, 1, 1_062_500)]
        view = queries.loan_for(loan.firm, loan.uuid)
        assert (view.ref.state, view.overdue_fen) == ("OVERDUE", 1_062_500)
        outcome = operations.repay(loan.manager, loan.uuid, amount_fen=100_000, idempotency_key="part")
        assert _split(outcome) == (2_500, 60_000, 37_500)
        assert outcome.loan.state == "OVERDUE"
        ledger_agrees(loan)
    # 20 days later: 9,625.00 × 9 % × 20 / 360 = 48.125 → 48.13 (half up); the second instalment is due too.
    with at("2026-03-17"):
        tasks.mark_overdue(timestamp=0)
        first, second = queries.schedule_for(loan.firm, loan.uuid)[:2]
        assert (first.unpaid_fen, first.state) == (962_500 + 4_813, InstalmentState.OVERDUE)
        outcome = operations.repay(
            loan.manager, loan.uuid, amount_fen=first.unpaid_fen + second.unpaid_fen, idempotency_key="rest"
        )
        assert outcome.loan.state == "IN_FORCE"
        assert queries.schedule_for(loan.firm, loan.uuid)[0].state == InstalmentState.PAID
        ledger_agrees(loan)
    assert [event.number for event in heard] == [1, 2]


def test_an_archived_case_does_not_stop_the_money(loan):
    with at("2026-02-15"):
        cases_operations.close(loan.manager, loan.lending.case_uuid, reason="已放款")
        cases_operations.archive(loan.manager, loan.lending.case_uuid)
        operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key="r")
        ledger_agrees(loan)


def test_due_today_is_not_overdue(loan, heard):
    with at("2026-02-15"):
        tasks.mark_overdue(timestamp=0)
        assert queries.schedule_for(loan.firm, loan.uuid)[0].state == InstalmentState.DUE
    assert heard == []


def test_prepaying_makes_the_rest_lighter_or_shorter(loan):
    with at("2026-02-15"):
        with pytest.raises(UnableToRepay, match="到期"):
            operations.prepay(loan.manager, loan.uuid, principal_fen=100, idempotency_key="p")
        operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key="r")
    with at("2026-02-25"):
        # By hand: 10 days of 110,000.00 at 6 % = 183.33.
        outcome = operations.prepay(
            loan.manager, loan.uuid, principal_fen=5_000_000, idempotency_key="p", mode=PrepaymentMode.SHORTEN
        )
        assert _split(outcome) == (0, 18_333, 5_000_000)
        lines = queries.schedule_for(loan.firm, loan.uuid)
        assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6, 7]
        assert {line.principal_fen for line in lines[1:]} == {1_000_000}
        ledger_agrees(loan)
        operations.prepay(loan.manager, loan.uuid, principal_fen=3_000_000, idempotency_key="p2")
        lines = queries.schedule_for(loan.firm, loan.uuid)
        assert [line.principal_fen for line in lines[1:]] == [500_000] * 6
        ledger_agrees(loan)
        with pytest.raises(Refusal):
            operations.prepay(loan.manager, loan.uuid, principal_fen=3_000_001, idempotency_key="p3")


def test_prepaying_after_an_instalment_was_paid_early(loan):
    with at("2026-02-10"):
        operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key="r")
        assert queries.payoff_quote_for(loan.firm, loan.uuid).split == Split(principal_fen=11_000_000)
        outcome = operations.prepay(loan.manager, loan.uuid, principal_fen=1_000_000, idempotency_key="p")
        assert _split(outcome) == (0, 0, 1_000_000)  # interest is settled up to 15 February already
        assert queries.schedule_for(loan.firm, loan.uuid)[1].interest_fen == 50_000
        ledger_agrees(loan)


@pytest.mark.parametrize("method", list(RepaymentMethod))
@pytest.mark.django_db
def test_paying_everything_off_under_every_method(method, heard):
    with clock.moved_to(START):
        loan = loan_of.in_force(agreed=loan_of.terms(method))
    with at("2026-01-25"):
        quote = queries.payoff_quote_for(loan.firm, loan.uuid)
        assert quote.split == Split(interest_fen=20_000, principal_fen=12_000_000)  # 10 days at 6 % over 360
        with pytest.raises(UnableToRepay, match=r"120,200\.00"):
            operations.settle(loan.manager, loan.uuid, amount_fen=quote.total_fen - 1, idempotency_key="s")
        outcome = operations.settle(loan.manager, loan.uuid, amount_fen=quote.total_fen, idempotency_key="s")
        assert outcome.loan.state == "SETTLED"
        ledger_agrees(loan)
        assert queries.schedule_for(loan.firm, loan.uuid) == []
    assert [type(event) for event in heard] == [LoanSettled]


def test_a_payoff_has_overdue_parts_in_and_no_day_in_the_past(loan):
    with at("2026-03-20"):
        quote = queries.payoff_quote_for(loan.firm, loan.uuid)
        # By hand: 33 days and 5 days late: 10,000 × 9 % × 33 / 360 = 82.50 and 12.50; interest 600.00 + 550.00 and
        # 5 days of 100,000.00 = 83.33.
        assert quote.split == Split(9_500, 115_000 + 8_333, 12_000_000)
        operations.settle(loan.manager, loan.uuid, amount_fen=quote.total_fen, idempotency_key="s")
        assert queries.loan_for(loan.firm, loan.uuid).ref.state == "SETTLED"
        ledger_agrees(loan)
        with pytest.raises(Refusal):
            queries.payoff_quote_for(loan.firm, loan.uuid, date(2026, 3, 19))


@pytest.mark.clause("B6")
def test_the_borrower_repays_from_its_own_account(loan):
    arrived = BankAnswer(succeeded=True, reference="SIM2")
    with at("2026-02-15"):
        key = borrower_pays(loan, RepaymentKind.REPAYMENT, 1_060_000, "r1")
        assert borrower_pays(loan, RepaymentKind.REPAYMENT, 1_060_000, "r1") == key
        with pytest.raises(Conflict, match="处理中"):
            borrower_pays(loan, RepaymentKind.REPAYMENT, 1_060_000, "r2")
        assert queries.repayments_for(loan.firm, loan.uuid) == []
        funds_operations.settle(BANK_CORE, key, arrived)
        assert funds_operations.settle(BANK_CORE, key, arrived) is False
        operations.apply_collection(BANK_CORE, uuid4(), 5)  # nobody asked us for it
        ledger_agrees(loan)
    with at("2026-02-25"):
        key = borrower_pays(loan, RepaymentKind.PREPAYMENT, 5_000_000, "p1", mode=PrepaymentMode.SHORTEN)
        assert funds_queries.collections_for(loan.firm, loan.lending.case_uuid)[0].amount_fen == 5_018_333
        funds_operations.settle(BANK_CORE, key, arrived)
        assert len(queries.schedule_for(loan.firm, loan.uuid)) == 7
        key = borrower_pays(loan, RepaymentKind.SETTLEMENT, 6_000_000, "s1")
    with at("2026-02-26"):  # a day later ten yuan of interest have run: they stay owed as principal
        funds_operations.settle(BANK_CORE, key, arrived)
        view = queries.loan_for(loan.firm, loan.uuid)
        assert (view.ref.state, view.outstanding_fen) == ("IN_FORCE", 1_000)
        ledger_agrees(loan)
        key = borrower_pays(loan, RepaymentKind.SETTLEMENT, 1_000, "s2")
        operations.settle(loan.manager, loan.uuid, amount_fen=1_000, idempotency_key="counter")
        funds_operations.settle(BANK_CORE, key, arrived)  # paid twice: what nothing is owed for is kept, not lost
        kept = {line.kind: line.balance_fen for line in funds_queries.balances_for(loan.firm, loan.lending.case_uuid)}
        assert (kept["UNALLOCATED"], kept["LOAN_PRINCIPAL"]) == (1_000, 0)
        ledger_agrees(loan)


def test_what_may_not_be_drawn_is_refused_before_the_bank_is_asked(loan):
    with at("2026-02-15"):
        for kind, amount_fen in (
            (RepaymentKind.REPAYMENT, 1_060_001),
            (RepaymentKind.REPAYMENT, 0),
            (RepaymentKind.PREPAYMENT, 100),
            (RepaymentKind.SETTLEMENT, 100),
        ):
            with pytest.raises(UnableToRepay):
                borrower_pays(loan, kind, amount_fen, "r")
        assert funds_queries.collections_for(loan.firm, loan.lending.case_uuid) == []
        key = borrower_pays(loan, RepaymentKind.REPAYMENT, 1_060_000, "r")
        funds_operations.settle(BANK_CORE, key, BankAnswer(False, "SIM", "账户余额不足"))
        assert queries.repayments_for(loan.firm, loan.uuid) == []
        assert borrower_pays(loan, RepaymentKind.REPAYMENT, 1_060_000, "again") != key


@pytest.mark.clause("O5")
@pytest.mark.django_db
def test_one_calendar_and_one_total_over_all_loans_of_a_firm():
    with clock.moved_to(START):
        dear = loan_of.in_force(agreed=loan_of.terms(RepaymentMethod.BULLET, "0.05", 12), fee_fen=240_000)
        view = queries.loan_for(dear.firm, dear.uuid)
        # By hand: (1 + 5 % × 365 / 360) / (1 - 2 %) - 1 = 7.2137 %.
        assert float(view.cost.compound) == pytest.approx((1 + 0.05 * 365 / 360) / 0.98 - 1, abs=1e-6)
        other = loan_of.in_force()
        total = queries.total_cost_for(dear.firm)
        assert (total.loans, total.principal_fen, total.fees_fen) == (1, 12_000_000, 240_000)
        assert total.interest_to_come_fen == 608_333
        assert total.annual_rate == view.cost.compound
        assert [(line.due_on, line.unpaid_fen) for line in queries.due_dates_for(dear.firm)] == [
            (date(2027, 1, 15), 12_608_333)
        ]
        assert queries.due_dates_for(dear.firm, to_on=date(2027, 1, 15)) == []
        assert len(queries.due_dates_for(other.firm)) == 12
        assert queries.due_dates_for(dear.manager) == []
        assert queries.total_cost_for(people.enterprise()).annual_rate is None


@pytest.mark.django_db
def test_a_loan_starts_once_and_only_when_the_money_is_paid():
    lending = lending_of.checked()
    with pytest.raises(UnableToStartLoan):
        operations.start_loan(loan_of.PROCESS, disbursement_uuid=lending.uuid, terms=loan_of.terms())
    paid = lending_of.paid()
    ref = operations.start_loan(loan_of.PROCESS, disbursement_uuid=paid.uuid, terms=loan_of.terms())
    assert operations.start_loan(loan_of.PROCESS, disbursement_uuid=paid.uuid, terms=loan_of.terms()) == ref
    for stranger in (paid.firm, people.operator()):
        with pytest.raises(AccessDenied):
            operations.start_loan(stranger, disbursement_uuid=paid.uuid, terms=loan_of.terms())
    with pytest.raises(NotFound):
        operations.start_loan(people.bank(), disbursement_uuid=paid.uuid, terms=loan_of.terms())
    fresh = lending_of.paid()
    with pytest.raises(Refusal):
        operations.start_loan(loan_of.PROCESS, disbursement_uuid=fresh.uuid, terms=loan_of.terms(rate="-0.01"))


@pytest.mark.django_db
def test_returned_money_undoes_the_loan():
    loan = loan_of.in_force()
    funds_operations.record_return(BANK_CORE, loan.lending.uuid, reason="收款行退汇")
    view = queries.loan_for(loan.firm, loan.uuid)
    assert (view.ref.state, view.outstanding_fen, view.next_due_on) == ("CANCELLED", 0, None)
    assert queries.due_dates_for(loan.firm) == []
    assert queries.total_cost_for(loan.firm).loans == 0


@pytest.mark.clause("F3")
def test_who_sees_and_does_what(loan):
    strangers = (people.enterprise(Role.ENTERPRISE_LEGAL_PERSON), people.bank(), Actor.visitor(), people.person())
    for stranger in strangers:
        assert queries.loans_for(stranger) == []
        assert queries.refs_of_case_for(stranger, loan.lending.case_uuid) == []
        for ask in (queries.loan_for, queries.schedule_for, queries.payoff_quote_for, queries.repayments_for):
            with pytest.raises(NotFound):
                ask(stranger, loan.uuid)
        with pytest.raises(NotFound):
            operations.repay(stranger, loan.uuid, amount_fen=1, idempotency_key="k")
        with pytest.raises(NotFound):
            operations.record_after_loan_check(stranger, loan.uuid, findings="x")
    for reader in (loan.firm, people.operator()):
        assert [view.ref.uuid for view in queries.loans_for(reader)] == [loan.uuid]
        assert [ref.uuid for ref in queries.refs_of_case_for(reader, loan.lending.case_uuid)] == [loan.uuid]
        with pytest.raises(AccessDenied):
            operations.repay(reader, loan.uuid, amount_fen=1_060_000, idempotency_key="k")
        with pytest.raises(AccessDenied):
            operations.record_after_loan_check(reader, loan.uuid, findings="x")
        with pytest.raises(AccessDenied):
            queries.checks_for(reader, loan.uuid)
        with pytest.raises(AccessDenied):
            operations.mark_overdue(reader, loan.uuid)
        with pytest.raises(AccessDenied):
            operations.apply_collection(reader, uuid4(), 1)
    for other in (loan.manager, people.operator()):
        with pytest.raises(AccessDenied):
            operations.request_repayment(
                other, loan.uuid, kind=RepaymentKind.REPAYMENT, amount_fen=1, payer=account("x"), idempotency_key="k"
            )
    assert queries.loan_for(loan.firm, loan.uuid).acts == {ServicingAct.LOAN_REQUEST_REPAYMENT}
    assert ServicingAct.LOAN_REPAY in queries.loan_for(loan.manager, loan.uuid).acts
    assert queries.loan_for(people.operator(), loan.uuid).acts == frozenset()
    assert queries.loans_for(loan.manager, states=[LoanState.SETTLED]) == []
    assert len(queries.loans_for(loan.manager, case_uuid=loan.lending.case_uuid)) == 1


def test_an_after_loan_check_is_for_the_lender_s_eyes(loan):
    made = operations.record_after_loan_check(
        loan.manager, loan.uuid, findings="经营正常，用途相符 𠮷", conclusion=CheckConclusion.ATTENTION
    )
    assert queries.checks_for(loan.lending.officer, loan.uuid) == [made]
    number = cases_queries.case_by_uuid_for(loan.firm, loan.lending.case_uuid).ref.number
    assert any("贷后检查" in line.text for line in cases_queries.timeline_for(loan.manager, number))
    assert not any("贷后检查" in line.text for line in cases_queries.timeline_for(loan.firm, number))
    with pytest.raises(Refusal):
        operations.record_after_loan_check(loan.manager, loan.uuid, findings="  ")
