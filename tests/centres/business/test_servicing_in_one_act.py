"""What one act on a loan writes and what the rest of its transaction sees."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories import parties as people
from factories import servicing as loan_of
from factories.funds import BANK_CORE
from factories.servicing import START, at
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.servicing import operations, queries
from finmart.centres.business.servicing.types import LoanState
from finmart.kit import clock, transactions
from finmart.kit.errors import NotFound


@pytest.fixture
def loan(db):
    with clock.moved_to(START):
        return loan_of.in_force()


def _changes(captured):
    sent = [one["sql"].replace('"', "") for one in captured]
    return [sql for sql in sent if sql.startswith("UPDATE servicing_instalmentrow")]


def test_a_repayment_writes_the_instalment_it_pays_and_no_other(loan):
    with at("2026-02-15"), CaptureQueriesContext(connection) as captured:
        operations.repay(loan.manager, loan.uuid, amount_fen=1_060_000, idempotency_key="r")
    assert len(_changes(captured)) == 1
    with at("2026-02-15"):
        assert [line.paid_fen for line in queries.schedule_for(loan.firm, loan.uuid)] == [1_060_000, *[0] * 11]


def test_a_payoff_replaces_what_is_left_of_the_schedule_at_once(loan):
    with at("2026-01-20"):
        quote = queries.payoff_quote_for(loan.manager, loan.uuid)
        with CaptureQueriesContext(connection) as captured:
            outcome = operations.settle(loan.manager, loan.uuid, amount_fen=quote.total_fen, idempotency_key="all")
    assert len(_changes(captured)) == 1
    assert outcome.loan.state == LoanState.SETTLED


def test_the_transaction_that_changed_a_loan_sees_it_changed(loan):
    with at("2026-01-20"), transactions.opened():
        assert queries.loan_ref_for(loan.firm, loan.uuid).state == LoanState.IN_FORCE
        operations.cancel_returned(BANK_CORE, loan.lending.uuid, reason="收款行退汇")
        assert queries.loan_ref_for(loan.firm, loan.uuid).state == LoanState.CANCELLED


def test_a_loan_and_its_case_are_nobody_else_s(loan):
    view = queries.loan_for(loan.firm, loan.uuid)
    assert queries.loan_ref_for(loan.firm, loan.uuid) == view.ref
    assert view.ref.ends_on == view.ends_on
    case = cases_queries.case_by_uuid_for(loan.firm, loan.lending.case_uuid)
    assert cases_queries.state_for(loan.firm, loan.lending.case_uuid) == case.ref.state
    assert cases_queries.active_parties_for(loan.firm, loan.lending.case_uuid) == case.active_parties
    stranger = people.bank()
    with pytest.raises(NotFound):
        queries.loan_ref_for(stranger, loan.uuid)
    with pytest.raises(NotFound):
        cases_queries.state_for(stranger, loan.lending.case_uuid)
    with pytest.raises(NotFound):
        cases_queries.active_parties_for(stranger, loan.lending.case_uuid)
