"""Loans under random acts and at once from two sides: the ledger balances and nothing is owed twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import servicing as loan_of
from factories.funds import BANK_CORE
from factories.servicing import START, at, borrower_pays, ledger_agrees
from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds.types import BankAnswer
from finmart.centres.business.servicing import operations, queries, rules, tasks
from finmart.centres.business.servicing.models import LoanAccount
from finmart.centres.business.servicing.types import RepaymentKind, UnableToRepay
from finmart.kit import clock
from finmart.kit.errors import Refusal
from finmart.kit.finance import PrepaymentMode, RepaymentMethod
from finmart.kit.transactions import OutsideTransaction


@pytest.mark.clause("B6")
def test_two_who_record_the_same_repayment_at_once(committed_database):
    with transaction.atomic(), clock.moved_to(START):
        loan = loan_of.in_force()
    barrier = threading.Barrier(2)

    def repay(key):
        barrier.wait()
        try:
            with at("2026-02-15"), transaction.atomic():
                return operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key=key).is_new
        except UnableToRepay:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(repay, ["same", "same"])) == [False, True]
    assert len(queries.repayments_for(loan.firm, loan.uuid)) == 1
    ledger_agrees(loan)
    with pytest.raises(OutsideTransaction):
        operations.repay(loan.manager, loan.uuid, amount_fen=1, idempotency_key="k")
    with pytest.raises(IntegrityError):
        LoanAccount.objects.update(principal_paid_fen=12_000_001)
    with pytest.raises(IntegrityError):
        LoanAccount.objects.update(state="SETTLED")


def test_two_different_repayments_at_once_never_pay_more_than_is_due(committed_database):
    with transaction.atomic(), clock.moved_to(START):
        loan = loan_of.in_force()
    barrier = threading.Barrier(2)

    def repay(key):
        barrier.wait()
        try:
            with at("2026-02-15"), transaction.atomic():
                return operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key=key).is_new
        except UnableToRepay:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(repay, ["one", "other"])) == [False, True]
    ledger_agrees(loan)


owed_lines = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**8)), min_size=0, max_size=6
).map(lambda parts: [rules.Owed(number, *part) for number, part in enumerate(parts, start=1)])


@given(st.integers(0, 10**9), owed_lines)
def test_an_amount_is_spent_to_the_fen_in_the_order_of_the_rule(amount_fen, owed):
    paid, left_fen = rules.allocate(amount_fen, owed)
    spent = sum(split.total_fen for split in paid.values())
    assert spent + left_fen == amount_fen
    assert left_fen == max(0, amount_fen - sum(line.total_fen for line in owed))
    for line in owed:
        split = paid[line.number]
        assert 0 <= split.penalty_fen <= line.penalty_fen
        assert 0 <= split.interest_fen <= line.interest_fen
        assert 0 <= split.principal_fen <= line.principal_fen
    if any(split.interest_fen for split in paid.values()):
        assert all(paid[line.number].penalty_fen == line.penalty_fen for line in owed)
    if any(split.principal_fen for split in paid.values()):
        assert all(paid[line.number].interest_fen == line.interest_fen for line in owed)


@pytest.mark.parametrize(
    ("days", "expected"), [(-3, 0), (0, 0), (1, 250), (30, 7_500)]
)  # 10,000.00 × 6 % × 1.5 × days / 360, by hand
def test_penalty_interest(days, expected):
    start = date(2026, 2, 15)
    agreed = loan_of.terms()
    assert expected == rules.penalty(
        1_000_000, agreed.annual_rate, Decimal("0.5"), agreed.day_count, start, start + timedelta(days=days)
    )


acts = st.lists(
    st.tuples(st.sampled_from(["repay", "prepay", "settle", "collect"]), st.integers(0, 45), st.integers(1, 100)),
    max_size=7,
)


@pytest.mark.clause("B10")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(RepaymentMethod),
    st.sampled_from(PrepaymentMode),
    st.integers(1, 9),
    st.sampled_from(["0", "0.06"]),
    st.sampled_from([7, 12_000_000, 99_999_999]),
    acts,
)
def test_whatever_is_repaid_the_ledger_balances(django_db_example, method, mode, months, rate, principal_fen, steps):
    with django_db_example():
        day = START
        with clock.moved_to(day):
            loan = loan_of.in_force(principal_fen, loan_of.terms(method, rate, months))
        for number, (act, days, percent) in enumerate(steps):
            day += timedelta(days=days)
            with clock.moved_to(day), transaction.atomic():
                tasks.mark_overdue(timestamp=0)
                view = queries.loan_for(loan.manager, loan.uuid)
                quote = queries.payoff_quote_for(loan.manager, loan.uuid)
                try:
                    with transaction.atomic():
                        _act(loan, act, percent, mode, f"step {number}", view, quote)
                except Refusal:
                    assert act != "settle" or view.ref.state == "SETTLED", "the quoted amount always settles"
                ledger_agrees(loan)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _act(loan, act, percent, mode, key, view, quote):
    if act == "repay":
        wanted_fen = max(view.overdue_fen, view.next_due_fen) * percent // 100
        operations.repay(loan.manager, loan.uuid, amount_fen=wanted_fen, idempotency_key=key)
    elif act == "prepay":
        wanted_fen = view.outstanding_fen * percent // 100
        operations.prepay(loan.manager, loan.uuid, principal_fen=wanted_fen, idempotency_key=key, mode=mode)
    elif act == "settle":
        operations.settle(loan.manager, loan.uuid, amount_fen=quote.total_fen, idempotency_key=key)
    else:
        kind = list(RepaymentKind)[percent % 3]
        amount_fen = quote.total_fen if kind is RepaymentKind.SETTLEMENT else max(1, view.next_due_fen * percent // 100)
        arrived = borrower_pays(loan, kind, amount_fen, key, mode=mode)
        with clock.moved_to(clock.now() + timedelta(days=percent % 4)):
            funds_operations.settle(BANK_CORE, arrived, BankAnswer(succeeded=True, reference=key))


@pytest.fixture
def django_db_example(db):
    """A transaction for each example, rolled back at its end."""

    @contextmanager
    def opened():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return opened
