"""What several acts in one transaction see of a disbursement and of the ledger."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories import funds as lending_of
from factories import parties as people
from factories.funds import BANK_CORE
from finmart.centres.business.funds import operations, queries
from finmart.centres.business.funds.types import DisbursementState, UnableToDisburse, UnableToPost
from finmart.kit import transactions
from finmart.kit.errors import AccessDenied, NotFound

AMOUNT = 50_000_000


def _repay(lending, principal_fen):
    return operations.record_repayment(
        BANK_CORE, case_uuid=lending.case_uuid, lender_id=lending.manager.organisation_id, principal_fen=principal_fen,
        interest_fen=10, idempotency_key="key",
    )  # fmt: skip


@pytest.mark.django_db
def test_one_transaction_locks_a_disbursement_once_and_sees_what_it_did_to_it():
    lending = lending_of.requested()
    with transactions.opened():
        for condition in queries.disbursement_for(lending.manager, lending.uuid).conditions:
            operations.fulfil_condition(lending.manager, condition.uuid)
        assert queries.disbursement_for(lending.manager, lending.uuid).open_conditions == ()
        operations.check_disbursement(lending.officer, lending.uuid)
        assert queries.state_for(lending.manager, lending.uuid) is DisbursementState.CHECKED
        with pytest.raises(NotFound):
            queries.state_for(people.bank(), lending.uuid)
        with pytest.raises(NotFound):
            operations.pay(people.bank(), lending.uuid)
        with CaptureQueriesContext(connection) as captured:
            operations.pay(lending.officer, lending.uuid)
        assert not [one for one in captured if "FOR UPDATE" in one["sql"]]
        assert queries.state_for(lending.manager, lending.uuid) is DisbursementState.SENT


@pytest.mark.django_db
def test_conditions_are_fulfilled_by_their_words_and_once():
    lending = lending_of.requested()
    first, *others = queries.disbursement_for(lending.manager, lending.uuid).conditions
    assert others
    for stranger, refusal in ((people.bank(), NotFound), (lending.firm, AccessDenied)):
        with pytest.raises(refusal):
            operations.fulfil_conditions(stranger, lending.uuid, [first.text])
    operations.fulfil_conditions(lending.manager, lending.uuid, [first.text])
    (fulfilled, *still_open) = queries.disbursement_for(lending.manager, lending.uuid).conditions
    assert fulfilled.fulfilled_at is not None
    assert still_open == others
    operations.fulfil_conditions(lending.firm, lending.uuid, [first.text])  # it holds: nothing to be said, by whomever
    assert queries.disbursement_for(lending.manager, lending.uuid).conditions[0] == fulfilled


@pytest.mark.django_db
def test_what_a_failed_savepoint_did_to_a_disbursement_is_not_remembered():
    lending = lending_of.requested()

    def check_too_early(condition):
        operations.fulfil_condition(lending.manager, condition.uuid)
        operations.check_disbursement(lending.officer, lending.uuid)

    with transactions.opened():
        condition = queries.disbursement_for(lending.manager, lending.uuid).conditions[0]
        with pytest.raises(UnableToDisburse), transactions.opened():
            check_too_early(condition)
        assert condition in queries.disbursement_for(lending.manager, lending.uuid).open_conditions


@pytest.mark.django_db
def test_a_refused_posting_leaves_none_behind():
    lending = lending_of.paid()
    postings = queries.postings_for(lending.manager, lending.case_uuid)
    with transactions.opened(), pytest.raises(UnableToPost):
        _repay(lending, AMOUNT + 1)
    assert queries.postings_for(lending.manager, lending.case_uuid) == postings
    assert _repay(lending, AMOUNT).is_new
