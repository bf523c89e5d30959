"""Money moves only when its conditions hold, only to listed payees, only once; the ledger always balances."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from factories import funds as lending_of
from factories import parties as people
from factories.cases import loan_case
from factories.funds import BANK_CORE, account
from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.funds import operations, queries, tasks
from finmart.centres.business.funds.events import CollectionSettled, DisbursementFailed, DisbursementPaid
from finmart.centres.business.funds.models import Account, Disbursement, Entry, Posting, PrincipalBalance
from finmart.centres.business.funds.types import (
    AccountKey,
    AccountKind,
    BankAnswer,
    DifferenceKind,
    EntryLine,
    FundsAct,
    PayeeOrder,
    PaymentMode,
    StatementEntry,
    UnableToDisburse,
    UnableToPost,
)
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Role
from finmart.integrations.bank_core.client import BankCoreClient
from finmart.integrations.bank_core.types import BankCoreUnavailable
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Conflict, NotFound
from finmart.kit.transactions import OutsideTransaction

AMOUNT = 50_000_000


def _jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'key' FROM procrastinate_jobs WHERE task_name = 'funds:send_payment' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _lines(lending, *amounts, kind=AccountKind.INTEREST_INCOME):
    owner = lending.manager.organisation_id
    funds, other = AccountKey(AccountKind.LENDER_FUNDS, owner), AccountKey(kind, owner, lending.case_uuid)
    return [EntryLine(funds, debit_fen=amounts[0]), EntryLine(other, credit_fen=amounts[-1])]


@pytest.fixture
def heard(monkeypatch):
    caught = []
    for kind in (DisbursementPaid, DisbursementFailed, CollectionSettled):
        monkeypatch.setitem(events._reactions, kind, [caught.append])
    return caught


@pytest.mark.clause("B10")
@pytest.mark.django_db
def test_from_the_request_to_the_ledger(heard):
    lending = lending_of.requested(AMOUNT)
    view = queries.disbursement_for(lending.manager, lending.uuid)
    assert [c.text for c in view.open_conditions] == list(lending_of.CONDITIONS)
    assert view.acts == {FundsAct.CONDITION_FULFIL}
    with pytest.raises(UnableToDisburse, match="尚有 2 条放款条件未落实：合同已签署；担保已落实"):
        operations.check_disbursement(lending.officer, lending.uuid)
    for condition in view.conditions:
        operations.fulfil_condition(lending.manager, condition.uuid, evidence_uuid=uuid4())
    assert operations.check_disbursement(lending.officer, lending.uuid).state == "CHECKED"
    assert operations.pay(lending.officer, lending.uuid).state == "SENT"
    assert queries.postings_for(lending.manager, lending.case_uuid) == []
    key = f"disbursement:{lending.uuid}"
    assert _jobs() == [key]
    assert operations.settle(BANK_CORE, key, BankAnswer(succeeded=True, reference="SIM1")) is True
    assert operations.settle(BANK_CORE, key, BankAnswer(succeeded=True, reference="SIM1")) is False
    balances = {line.kind: line.balance_fen for line in queries.balances_for(lending.firm, lending.case_uuid)}
    assert balances == {"LENDER_FUNDS": -AMOUNT, "LOAN_PRINCIPAL": AMOUNT}
    assert queries.outstanding_principal(lending.manager.organisation_id, lending.case_uuid) == AMOUNT
    assert queries.trial_balance().ok
    assert [type(event) for event in heard] == [DisbursementPaid]
    assert heard[0].borrower_id == lending.firm.organisation_id
    number = cases_queries.case_by_uuid_for(lending.firm, lending.case_uuid).ref.number
    told = [line.text for line in cases_queries.timeline_for(lending.firm, number) if line.kind == "FUNDS"]
    assert told[0] == "放款 500,000.00 元已到账"
    tags = {entry.tag for entry in audit_queries.entries_for(people.operator(), subject=f"disbursement:{lending.uuid}")}
    assert tags == {
        FundsAct.CONDITION_FULFIL,
        FundsAct.DISBURSEMENT_CHECK,
        FundsAct.DISBURSEMENT_CONFIRM,
        FundsAct.DISBURSEMENT_OPEN,
        FundsAct.DISBURSEMENT_PAY,
    }


@pytest.mark.django_db
def test_a_refusal_of_the_bank_posts_nothing_and_lets_a_new_request_begin(heard):
    lending = lending_of.checked()
    operations.pay(lending.officer, lending.uuid)
    operations.settle(BANK_CORE, f"disbursement:{lending.uuid}", BankAnswer(False, "SIM1", "收款户名不符"))
    view = queries.disbursement_for(lending.firm, lending.uuid)
    assert (view.ref.state, view.failure_reason, view.acts) == ("FAILED", "收款户名不符", frozenset())
    assert queries.postings_for(lending.firm, lending.case_uuid) == []
    assert [type(event) for event in heard] == [DisbursementFailed]
    again = operations.open_disbursement(
        lending.manager, case_uuid=lending.case_uuid, contract_uuid=view.ref.contract_uuid, amount_fen=AMOUNT,
        conditions=[], payees=lending_of.payees(lending.firm, AMOUNT), payment_mode=PaymentMode.SELF,
    )  # fmt: skip
    assert again.state == "REQUESTED"


@pytest.mark.django_db
def test_one_drawing_is_disbursed_once():
    lending = lending_of.paid()
    contract = queries.disbursement_for(lending.firm, lending.uuid).ref.contract_uuid
    wanted = {
        "case_uuid": lending.case_uuid, "contract_uuid": contract, "amount_fen": 100, "conditions": [],
        "payees": lending_of.payees(lending.firm, 100), "payment_mode": PaymentMode.SELF,
    }  # fmt: skip
    with pytest.raises(Conflict):
        operations.open_disbursement(lending.manager, **wanted)
    assert operations.open_disbursement(lending.manager, **wanted, drawing=2).state == "REQUESTED"
    assert len(queries.disbursements_for(lending.firm, lending.case_uuid)) == 2


@pytest.mark.parametrize(
    ("mode", "orders", "reason"),
    [
        (PaymentMode.SELF, [("别人有限公司", 100)], "借款人本人"),
        (PaymentMode.SELF, [("borrower", 60), ("borrower", 40)], "借款人本人"),
        (PaymentMode.ENTRUSTED, [("borrower", 100)], "交易对手"),
        (PaymentMode.ENTRUSTED, [("供应商甲", 60), ("供应商乙", 30)], "金额之和"),
        (PaymentMode.ENTRUSTED, [("供应商甲", 100), ("供应商乙", 0)], "均需填写"),
        (PaymentMode.ENTRUSTED, [("供应商甲", 200), ("供应商乙", -100)], "均需填写"),
        (PaymentMode.ENTRUSTED, [(" ", 100)], "均需填写"),
        (PaymentMode.SELF, [], "收款人应为"),
    ],
)
@pytest.mark.django_db
def test_payees_fit_the_mode_and_the_amount(mode, orders, reason):
    firm, manager = people.enterprise(), people.bank()
    case = loan_case(firm, manager)
    chosen = [
        PayeeOrder(account(firm.organisation_name if name == "borrower" else name), amount) for name, amount in orders
    ]
    with pytest.raises(UnableToDisburse, match=reason):
        operations.open_disbursement(
            manager, case_uuid=case.uuid, contract_uuid=uuid4(), amount_fen=100, conditions=[], payees=chosen,
            payment_mode=mode,
        )  # fmt: skip


@pytest.mark.parametrize("number", ["", "12 34", "１２３４５６", "1234;--", "9" * 41])
@pytest.mark.django_db
def test_an_account_number_that_is_none_is_refused(number):
    firm, manager = people.enterprise(), people.bank()
    with pytest.raises(UnableToDisburse, match="收款账号"):
        operations.open_disbursement(
            manager, case_uuid=loan_case(firm, manager).uuid, contract_uuid=uuid4(), amount_fen=100, conditions=[],
            payees=[PayeeOrder(account(firm.organisation_name, number), 100)], payment_mode=PaymentMode.SELF,
        )  # fmt: skip


@pytest.mark.parametrize("amount_fen", [0, -1, 10**18])
@pytest.mark.django_db
def test_absurd_amounts_are_refused(amount_fen):
    with pytest.raises(UnableToDisburse, match="大于零"):
        lending_of.requested(amount_fen)


@pytest.mark.django_db
def test_strangers_see_nothing_and_account_numbers_are_masked():
    lending = lending_of.paid()
    for stranger in (people.enterprise(), people.bank(Role.INSTITUTION_DISBURSEMENT_OFFICER), Actor.visitor()):
        with pytest.raises(NotFound):
            queries.disbursement_for(stranger, lending.uuid)
        with pytest.raises(NotFound):
            queries.postings_for(stranger, lending.case_uuid)
        with pytest.raises(NotFound):
            queries.balances_for(stranger, lending.case_uuid)
        with pytest.raises(NotFound):
            operations.pay(stranger, lending.uuid)
        assert queries.disbursements_for(stranger, lending.case_uuid) == []
        assert queries.collections_for(stranger, lending.case_uuid) == []
    for reader in (lending.firm, lending.officer, people.operator()):
        payee = queries.disbursement_for(reader, lending.uuid).payees[0]
        assert payee.account_masked == "**** 0001"
        assert "6222020000000001" not in repr(queries.disbursement_for(reader, lending.uuid))
        assert len(queries.postings_for(reader, lending.case_uuid)) == 1


@pytest.mark.django_db
def test_who_may_check_and_pay():
    lending = lending_of.requested(conditions=())
    for actor in (lending.firm, lending.manager, people.operator(), BANK_CORE):
        with pytest.raises(AccessDenied):
            operations.check_disbursement(actor, lending.uuid)
    operations.check_disbursement(lending.officer, lending.uuid)
    for actor in (lending.firm, lending.manager, people.operator()):
        with pytest.raises(AccessDenied):
            operations.pay(actor, lending.uuid)
        with pytest.raises(AccessDenied):
            operations.settle(actor, f"disbursement:{lending.uuid}", BankAnswer(True, "x"))
        with pytest.raises(AccessDenied):
            queries.instruction_for(actor, f"disbursement:{lending.uuid}")
    with pytest.raises(AccessDenied):
        operations.open_disbursement(
            lending.firm, case_uuid=lending.case_uuid, contract_uuid=uuid4(), amount_fen=1, conditions=[], payees=[],
            payment_mode=PaymentMode.SELF,
        )  # fmt: skip


@pytest.mark.django_db
def test_nobody_checks_what_he_requested_himself():
    firm = people.enterprise()
    both = people.bank(Role.INSTITUTION_ACCOUNT_MANAGER, Role.INSTITUTION_DISBURSEMENT_OFFICER)
    ref = operations.open_disbursement(
        both, case_uuid=loan_case(firm, both).uuid, contract_uuid=uuid4(), amount_fen=100, conditions=[],
        payees=lending_of.payees(firm, 100), payment_mode=PaymentMode.SELF,
    )  # fmt: skip
    with pytest.raises(AccessDenied, match="发起人"):
        operations.check_disbursement(both, ref.uuid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disbursement.objects.filter(uuid=ref.uuid).update(checked_by_id=both.person_id)


@pytest.mark.django_db
def test_acts_come_in_their_order_and_once():
    lending = lending_of.requested()
    condition = queries.disbursement_for(lending.manager, lending.uuid).conditions[0]
    with pytest.raises(Conflict):
        operations.pay(lending.officer, lending.uuid)
    operations.fulfil_condition(lending.manager, condition.uuid)
    with pytest.raises(Conflict):
        operations.fulfil_condition(lending.officer, condition.uuid)
    with pytest.raises(NotFound):
        operations.fulfil_condition(people.bank(), condition.uuid)
    paid = lending_of.paid()
    with pytest.raises(Conflict):
        operations.pay(paid.officer, paid.uuid)
    with pytest.raises(Conflict):
        operations.check_disbursement(paid.officer, paid.uuid)


@pytest.mark.django_db
def test_a_return_reverses_the_posting_but_not_after_a_repayment():
    lending = lending_of.paid()
    assert operations.record_return(BANK_CORE, lending.uuid, reason="收款行退汇").state == "RETURNED"
    assert queries.outstanding_principal(lending.manager.organisation_id, lending.case_uuid) == 0
    other = lending_of.paid()
    _repay(other, principal_fen=1)
    with pytest.raises(UnableToPost):
        operations.record_return(BANK_CORE, other.uuid, reason="收款行退汇")


def _repay(lending, key="r1", principal_fen=1_000, interest_fen=10, **more):
    return operations.record_repayment(
        BANK_CORE, case_uuid=lending.case_uuid, lender_id=lending.manager.organisation_id, principal_fen=principal_fen,
        interest_fen=interest_fen, idempotency_key=key, **more,
    )  # fmt: skip


@pytest.mark.clause("B10")
@pytest.mark.django_db
def test_a_repayment_is_recorded_once_and_never_takes_more_than_is_owed():
    lending = lending_of.paid()
    first = _repay(lending, penalty_fen=5, unallocated_fen=7)
    again = _repay(lending, penalty_fen=5, unallocated_fen=7)
    assert (first.is_new, again.is_new, first.uuid) == (True, False, again.uuid)
    with pytest.raises(Conflict):
        _repay(lending, interest_fen=11)
    with pytest.raises(UnableToPost, match="超过尚欠本金"):
        _repay(lending, "r2", principal_fen=AMOUNT)
    balances = {line.kind: line.balance_fen for line in queries.balances_for(lending.firm, lending.case_uuid)}
    assert balances == {
        "LENDER_FUNDS": -AMOUNT + 1_022, "LOAN_PRINCIPAL": AMOUNT - 1_000, "INTEREST_INCOME": 10, "PENALTY_INCOME": 5,
        "UNALLOCATED": 7,
    }  # fmt: skip


@pytest.mark.parametrize("amounts", [(100, 99), (0, 0), (-5, -5)])
@pytest.mark.django_db
def test_what_does_not_balance_is_not_posted(amounts):
    lending = lending_of.requested()
    with pytest.raises(UnableToPost):
        operations.post(BANK_CORE, case_uuid=lending.case_uuid, memo="x", lines=_lines(lending, *amounts),
                        idempotency_key="k")  # fmt: skip


@pytest.mark.django_db
def test_only_its_own_staff_writes_into_a_lender_s_books():
    lending = lending_of.requested()
    wanted = {"case_uuid": lending.case_uuid, "memo": "利息", "lines": _lines(lending, 100), "idempotency_key": "k"}
    for stranger in (lending.firm, people.bank(), people.operator()):
        with pytest.raises(AccessDenied):
            operations.post(stranger, **wanted)
    assert operations.post(lending.manager, **wanted).is_new


@pytest.mark.clause("B10")
def test_the_database_itself_refuses_a_posting_that_does_not_balance(committed_database):
    with transaction.atomic():
        lending = lending_of.paid()
    lender_account = Account.objects.get(kind="LENDER_FUNDS", owner_id=lending.manager.organisation_id)

    def commit(*sides):
        with transaction.atomic():
            posting = Posting.objects.create(
                at=clock.now(), case_uuid=lending.case_uuid, memo="x", idempotency_key=str(uuid4())
            )
            for debit, credit in sides:
                Entry.objects.create(posting=posting, account=lender_account, debit_fen=debit, credit_fen=credit)

    commit((5, 0), (0, 5))
    for wrong in ([], [(5, 0)], [(5, 0), (0, 4)], [(5, 5), (0, 5)], [(0, 0), (5, 0), (0, 5)], [(-5, 0), (0, -5)]):
        with pytest.raises(IntegrityError):
            commit(*wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(posting=Posting.objects.earliest("pk"), account=lender_account, debit_fen=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        PrincipalBalance.objects.update(credit_fen=10**15)
    for statement in ("UPDATE funds_entry SET debit_fen = 1", "DELETE FROM funds_posting", "DELETE FROM funds_payee"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert queries.trial_balance().ok
    PrincipalBalance.objects.update(debit_fen=10**15)
    assert queries.trial_balance().crooked == (f"LOAN_PRINCIPAL:{lender_account.owner_id}:{lending.case_uuid}",)


@pytest.mark.clause("B10")
def test_two_who_pay_at_once_and_two_workers_move_the_money_once(committed_database, bank_core):
    with transaction.atomic():
        lending = lending_of.checked()
        lender = parties_queries.organisation(lending.manager.organisation_id)
    barrier = threading.Barrier(2)

    def pay(_):
        try:
            barrier.wait()
            with transaction.atomic():
                return operations.pay(lending.officer, lending.uuid).state
        except Conflict:
            return "CONFLICT"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(pay, range(2))) == ["CONFLICT", "SENT"]
    assert _jobs() == [f"disbursement:{lending.uuid}"]

    def work(_):
        barrier.wait()
        tasks.send_payment(key=f"disbursement:{lending.uuid}")
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert len(queries.postings_for(lending.firm, lending.case_uuid)) == 1
    today = clock.today()
    statement = bank_core.statement(f"L{lender.credit_code}", today, today + timedelta(days=1))
    assert [line.amount_fen for line in statement] == [-AMOUNT]
    tasks.reconcile_day(today)
    tasks.reconcile_yesterday(timestamp=0)
    results = {view.day: view for view in queries.reconciliations_for(lending.manager)}
    assert (results[today].ok, results[today].bookings) == (True, 1)
    assert (results[today - timedelta(days=1)].ok, results[today - timedelta(days=1)].bookings) == (True, 0)
    assert queries.reconciliations_for(lending.firm) == []


@pytest.mark.clause("B10")
@pytest.mark.django_db
def test_reconciliation_names_what_the_bank_and_the_ledger_tell_differently():
    at_midnight = datetime(2026, 3, 2, 0, 0, 1, tzinfo=clock.CITY_ZONE)
    with clock.moved_to(at_midnight):
        late, absent, wrong = (lending_of.paid(amount) for amount in (1_000, 2_000, 3_000))
    day = at_midnight.date()

    def booked(lending, fen, seconds=0):
        return StatementEntry(f"disbursement:{lending.uuid}", fen, at_midnight - timedelta(seconds=seconds))

    def found(lending, *statement, on=day):
        view = operations.record_reconciliation(BANK_CORE, lending.manager.organisation_id, on, statement)
        return [(d.kind, d.ledger_fen, d.bank_fen) for d in view.differences]

    assert found(late, booked(late, -1_000, seconds=2)) == []  # the bank booked it before midnight
    assert found(late, booked(late, -1_000, seconds=2), on=day - timedelta(days=1)) == []
    assert found(absent) == [(DifferenceKind.NOT_AT_BANK, -2_000, 0)]
    assert found(wrong, booked(wrong, -3_001)) == [(DifferenceKind.AMOUNT_DIFFERS, -3_000, -3_001)]
    assert found(wrong, booked(wrong, -3_000), StatementEntry("other", -7, at_midnight)) == [
        (DifferenceKind.NOT_IN_LEDGER, 0, -7)
    ]
    with pytest.raises(AccessDenied):
        queries.reconcile(late.firm, late.manager.organisation_id, day, [])
    with pytest.raises(AccessDenied):
        operations.record_reconciliation(late.manager, late.manager.organisation_id, day, [])
    assert [view.ok for view in queries.reconciliations_for(late.manager)] == [True, True]
    assert len(queries.reconciliations_for(people.operator())) == 5


def test_the_job_is_queued_with_the_payment_or_not_at_all(committed_database):
    with transaction.atomic():
        lending = lending_of.checked()
    with transaction.atomic():
        operations.pay(lending.officer, lending.uuid)
        assert len(_jobs()) == 1
        transaction.set_rollback(True)
    assert _jobs() == []
    assert queries.disbursement_for(lending.officer, lending.uuid).ref.state == "CHECKED"
    with pytest.raises(OutsideTransaction):
        operations.pay(lending.officer, lending.uuid)


def test_without_a_certain_answer_nothing_is_written_and_the_payment_is_chased(committed_database, bank_core, settings):
    with transaction.atomic():
        lending = lending_of.checked()
    with transaction.atomic():
        operations.pay(lending.officer, lending.uuid)
    key = f"disbursement:{lending.uuid}"
    address, settings.FINMART_BANK_CORE_URL = settings.FINMART_BANK_CORE_URL, ""
    with pytest.raises(BankCoreUnavailable):
        tasks.send_payment(key=key)
    assert queries.disbursement_for(lending.firm, lending.uuid).ref.state == "SENT"
    settings.FINMART_BANK_CORE_URL = address
    tasks.chase_payments(timestamp=0)
    assert _jobs() == [key]
    with clock.moved_to(clock.now() + timedelta(minutes=6)):
        tasks.chase_payments(timestamp=0)
        assert _jobs() == [key]  # it waits already
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")  # by a worker that was killed
        tasks.chase_payments(timestamp=0)
        tasks.chase_payments(timestamp=0)
    assert _jobs() == [key, key]
    BankCoreClient._asked(bank_core, "POST", "/failures", {"kind": "FROZEN"})
    tasks.send_payment(key=key)
    view = queries.disbursement_for(lending.firm, lending.uuid)
    assert (view.ref.state, view.failure_reason) == ("FAILED", "账户已冻结")
    assert queries.postings_for(lending.firm, lending.case_uuid) == []


def test_money_is_drawn_from_the_borrower_s_own_account_once(committed_database, bank_core, heard):
    with transaction.atomic():
        lending = lending_of.paid()
    wanted = {"case_uuid": lending.case_uuid, "amount_fen": 700, "payer": account(lending.firm.organisation_name)}
    with transaction.atomic():
        first = operations.collect(lending.firm, **wanted, idempotency_key="c1")
        assert operations.collect(lending.firm, **wanted, idempotency_key="c1") == first
        with pytest.raises(Conflict):
            operations.collect(lending.firm, **{**wanted, "amount_fen": 1}, idempotency_key="c1")
        with pytest.raises(AccessDenied):
            operations.collect(lending.manager, **wanted, idempotency_key="c2")
        with pytest.raises(NotFound):
            operations.collect(people.enterprise(), **wanted, idempotency_key="c3")
        with pytest.raises(UnableToDisburse):
            operations.collect(lending.firm, **{**wanted, "payer": account("别人")}, idempotency_key="c4")
    key = f"collection:{first.uuid}"
    heard.clear()
    tasks.send_payment(key=key)
    tasks.send_payment(key=key)
    assert [(type(event), event.amount_fen) for event in heard] == [(CollectionSettled, 700)]
    assert [row.state for row in queries.collections_for(lending.manager, lending.case_uuid)] == ["COLLECTED"]
