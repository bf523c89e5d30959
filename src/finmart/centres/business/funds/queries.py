"""Disbursements, postings and balances, each as the actor may see them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Sum, UUIDField
from django.db.models.functions import Coalesce

from finmart.centres.business.cases import queries as cases_queries
from finmart.centres.business.funds import policies, rules
from finmart.centres.business.funds.models import (
    Account,
    Collection,
    Disbursement,
    DisbursementCondition,
    Entry,
    Payee,
    Posting,
    PrincipalBalance,
    Reconciliation,
)
from finmart.centres.business.funds.types import (
    AccountKind,
    BalanceLine,
    BankAccount,
    CollectionRef,
    CollectionState,
    ConditionView,
    Difference,
    DifferenceKind,
    DisbursementRef,
    DisbursementState,
    DisbursementView,
    EntryView,
    FundsAct,
    PayeeOrder,
    PayeeView,
    PaymentInstruction,
    PostingView,
    ReconciliationView,
    StatementEntry,
    TrialBalance,
)
from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, masks, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound
from finmart.kit.statements import Given, Statement, is_kept, keep_related

DISBURSEMENT, COLLECTION = "disbursement", "collection"
_DISBURSEMENT = Statement(lambda: Disbursement.objects.filter(uuid=Given("uuid", UUIDField())))
_CONDITIONS = Statement(
    lambda: (
        DisbursementCondition.objects.select_related("fulfilled_by")
        .filter(disbursement=Given("disbursement", BigIntegerField()))
        .order_by("pk")
    )
)
_PAYEES = Statement(lambda: Payee.objects.filter(disbursement=Given("disbursement", BigIntegerField())).order_by("pk"))
_COLLECTIONS = Statement(lambda: Collection.objects.filter(case_uuid=Given("case", UUIDField())).order_by("-pk"))
_COLLECTION = Statement(lambda: Collection.objects.filter(uuid=Given("uuid", UUIDField())))
_WITH_LENDER = Statement(lambda: Disbursement.objects.select_related("lender").filter(uuid=Given("uuid", UUIDField())))
_COLLECTION_WITH_LENDER = Statement(
    lambda: Collection.objects.select_related("lender").filter(uuid=Given("uuid", UUIDField()))
)


def disbursement_for(actor: Actor, uuid: UUID) -> DisbursementView:
    """Return one disbursement with conditions and payees. Raises NotFound for strangers."""
    return _view(actor, _found(actor, uuid))


def state_for(actor: Actor, uuid: UUID) -> DisbursementState:
    """Return how far one disbursement has come. Raises NotFound for strangers."""
    return DisbursementState(_found(actor, uuid).state)


def disbursements_for(actor: Actor, case_uuid: UUID) -> list[DisbursementView]:
    """Return the disbursements of a case, oldest first; for strangers there are none."""
    return [_view(actor, row) for row in _viewable(actor).filter(case_uuid=case_uuid).order_by("pk")]


def collections_for(actor: Actor, case_uuid: UUID) -> list[CollectionRef]:
    """Return what was drawn from the borrower's account in a case, newest first."""
    return [collection_ref(row) for row in _COLLECTIONS.all(case=case_uuid) if policies.can_know(actor, row)]


def collection_for(actor: Actor, uuid: UUID) -> CollectionRef:
    """Return one collection. Raises NotFound for strangers."""
    found = _COLLECTION.first(uuid=uuid)
    if found is None or not policies.can_know(actor, found):
        raise NotFound("没有找到该笔扣款")
    return collection_ref(found)


def postings_for(actor: Actor, case_uuid: UUID) -> list[PostingView]:
    """Return the movements of money in a case, oldest first. Raises NotFound for strangers."""
    rows = _postings(actor, case_uuid).prefetch_related("entries__account").order_by("pk")
    return [
        PostingView(
            uuid=row.uuid,
            at=row.at,
            memo=row.memo,
            entries=tuple(
                EntryView(entry.account.kind, entry.account.owner_id, entry.debit_fen, entry.credit_fen)
                for entry in sorted(row.entries.all(), key=lambda entry: entry.pk)
            ),
        )
        for row in rows
    ]


def balances_for(actor: Actor, case_uuid: UUID) -> list[BalanceLine]:
    """Return the sums per account over the postings of one case. Raises NotFound for strangers."""
    return _balances(Entry.objects.filter(posting__in=_postings(actor, case_uuid)))


def outstanding_principal(lender_id: int, case_uuid: UUID) -> int:
    """Return the principal lent in a case and not yet repaid, as the ledger's own entries say."""
    sums = Entry.objects.filter(
        posting__case_uuid=case_uuid, account__kind=AccountKind.LOAN_PRINCIPAL, account__owner_id=lender_id
    ).aggregate(fen=Coalesce(Sum(F("debit_fen") - F("credit_fen")), 0))
    return int(sums["fen"])


def trial_balance() -> TrialBalance:
    """Return the sums of every account and whether kept balances agree with their entries."""
    kept = PrincipalBalance.objects.select_related("account").annotate(
        entered_debit=Coalesce(Sum("account__entries__debit_fen"), 0),
        entered_credit=Coalesce(Sum("account__entries__credit_fen"), 0),
    )
    crooked = kept.exclude(debit_fen=F("entered_debit"), credit_fen=F("entered_credit"))
    return TrialBalance(tuple(_balances(Entry.objects.all())), tuple(row.account.code for row in crooked))


def reconcile(actor: Actor, lender_id: int, day: date, statement: Sequence[StatementEntry]) -> list[Difference]:
    """Return where a lender's ledger and its bank disagree about what either booked on a city day.

    ``statement`` reaches a day further on both sides: what one books just before midnight the other may book after.
    Raises AccessDenied for all but the lender, the operator and the system.
    """
    if not (policies.can_know_all(actor) or actor.organisation_id == lender_id):
        raise AccessDenied("您无权核对该机构的资金")
    begin = datetime.combine(day, time(), clock.CITY_ZONE)
    end = begin + timedelta(days=1)
    account = Entry.objects.filter(account__code=f"{AccountKind.LENDER_FUNDS}:{lender_id}").exclude(
        posting__payment_key=""
    )
    of_day = set(
        account.filter(posting__at__gte=begin, posting__at__lt=end).values_list("posting__payment_key", flat=True)
    )
    of_day |= {entry.key for entry in statement if begin <= entry.booked_at < end}
    rows = (
        account.filter(posting__payment_key__in=of_day)
        .values("posting__payment_key")
        .annotate(fen=Sum(F("debit_fen") - F("credit_fen")))
    )
    ledger = {row["posting__payment_key"]: int(row["fen"]) for row in rows}
    return rules.differences(ledger, [entry for entry in statement if entry.key in of_day])


def reconciliations_for(actor: Actor, *, lender_id: int | None = None, limit: int = 60) -> list[ReconciliationView]:
    """Return the latest comparisons, newest first; a lender sees its own, operator and system all, others none."""
    rows = Reconciliation.objects.order_by("-day", "-pk")
    if not policies.can_know_all(actor):
        rows = rows.filter(lender_id=actor.organisation_id or 0)
    if lender_id is not None:
        rows = rows.filter(lender_id=lender_id)
    return [reconciliation_view(row) for row in rows[:limit]]


def lenders_with_payments(actor: Actor) -> list[int]:
    """Return the lenders that have books here. For the job and the command only."""
    if not policies.can_settle(actor):
        raise AccessDenied("仅供系统使用")
    return list(Account.objects.filter(kind=AccountKind.LENDER_FUNDS).order_by("pk").values_list("owner_id", flat=True))


def settlement_account_of(actor: Actor, lender_id: int) -> str:
    """Return the account by which the bank core knows a lender. For the job and the command only."""
    if not policies.can_settle(actor):
        raise AccessDenied("仅供系统使用")
    return rules.settlement_account(parties_queries.organisation(lender_id).credit_code)


def count_postings() -> int:
    return Posting.objects.count()


def reconciliation_view(row: Reconciliation) -> ReconciliationView:
    found = tuple(
        Difference(d["key"], DifferenceKind(d["kind"]), d["ledger_fen"], d["bank_fen"]) for d in row.differences
    )
    return ReconciliationView(row.lender_id, row.day, row.done_at, row.bookings, found)


def instruction_for(actor: Actor, key: str) -> PaymentInstruction | None:
    """Return what the bank core is to do for ``key``, None where it is settled already. For the job only."""
    if not policies.can_settle(actor):
        raise AccessDenied("支付指令仅供系统使用")
    kind, _, uuid = key.partition(":")
    if kind == DISBURSEMENT:
        return _disbursement_instruction(_WITH_LENDER.one(uuid=UUID(uuid)))
    return _collection_instruction(_COLLECTION_WITH_LENDER.one(uuid=UUID(uuid)))


def unsettled_keys(actor: Actor, *, sent_before: datetime) -> list[str]:
    """Return the keys of payments sent earlier than a moment and still without an answer. For the job only."""
    if not policies.can_settle(actor):
        raise AccessDenied("支付指令仅供系统使用")
    waiting = {
        DISBURSEMENT: Disbursement.objects.filter(state=DisbursementState.SENT, sent_at__lt=sent_before),
        COLLECTION: Collection.objects.filter(state=CollectionState.SENT, sent_at__lt=sent_before),
    }
    return [f"{kind}:{uuid}" for kind, rows in waiting.items() for uuid in rows.values_list("uuid", flat=True)]


def disbursement_ref(row: Disbursement) -> DisbursementRef:
    return DisbursementRef(row.uuid, row.case_uuid, row.contract_uuid, row.amount_fen, row.state)


def collection_ref(row: Collection) -> CollectionRef:
    return CollectionRef(row.uuid, row.case_uuid, row.amount_fen, row.state, row.requested_at, row.failure_reason)


def condition_view(row: DisbursementCondition) -> ConditionView:
    by = row.fulfilled_by.full_name if row.fulfilled_by else ("系统" if row.fulfilled_at else "")
    return ConditionView(row.uuid, row.text, row.fulfilled_at, by, row.evidence_uuid)


def keep(row: Disbursement) -> None:
    """Have the rest of the transaction see this row, which it has under lock. For this centre only."""
    transactions.forget(_key(row.uuid))
    transactions.remembered(_key(row.uuid), lambda: row)


def conditions_of(row: Disbursement) -> list[DisbursementCondition]:
    """Return what must hold first, in order, read once for each row object. For this centre only."""
    if not is_kept(row, "conditions"):
        keep_related(row, "conditions", _CONDITIONS.all(disbursement=row.pk))
    return sorted(row.conditions.all(), key=lambda condition: condition.pk)


def payees_of(row: Disbursement) -> list[Payee]:
    """Return who is paid, in order, read once for each row object. For this centre only."""
    if not is_kept(row, "payees"):
        keep_related(row, "payees", _PAYEES.all(disbursement=row.pk))
    return sorted(row.payees.all(), key=lambda payee: payee.pk)


def _found(actor: Actor, uuid: UUID) -> Disbursement:
    found = transactions.remembered(_key(uuid), lambda: _DISBURSEMENT.first(uuid=uuid))
    if found is None or not policies.can_know(actor, found):
        raise NotFound("没有找到该笔放款")
    return found


def _key(uuid: UUID) -> tuple[str, UUID]:
    return "funds:disbursement", uuid


def _viewable(actor: Actor) -> QuerySet[Disbursement]:
    parts = "conditions__fulfilled_by", "payees"
    return policies.visible(actor, Disbursement.objects.all()).prefetch_related(*parts)


def _view(actor: Actor, row: Disbursement) -> DisbursementView:
    asked = {
        FundsAct.CONDITION_FULFIL: policies.can_fulfil(actor, row),
        FundsAct.DISBURSEMENT_CHECK: policies.can_check(actor, row),
        FundsAct.DISBURSEMENT_PAY: policies.can_pay(actor, row),
    }
    return DisbursementView(
        ref=disbursement_ref(row),
        lender_id=row.lender_id,
        borrower_id=row.borrower_id,
        borrower_person_id=row.borrower_person_id,
        payment_mode=row.payment_mode,
        drawing=row.drawing,
        requested_at=row.requested_at,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
        bank_reference=row.bank_reference,
        failure_reason=row.failure_reason,
        conditions=tuple(condition_view(c) for c in conditions_of(row)),
        payees=tuple(
            PayeeView(
                masking_queries.name_of_partner(actor, p.name, organisation_id=None),
                masks.account(p.account_number),
                p.bank_name,
                p.amount_fen,
            )
            for p in payees_of(row)
        ),
        acts=frozenset(act for act, allowed in asked.items() if allowed),
    )


def _postings(actor: Actor, case_uuid: UUID) -> QuerySet[Posting]:
    """Return the postings of a case in books the actor may read: the lender its own, the borrower all of its case."""
    rows = Posting.objects.filter(case_uuid=case_uuid)
    if policies.can_know_all(actor):
        return rows
    view = cases_queries.case_by_uuid_for(actor, case_uuid)
    if any(party.role == "BORROWER" and party.is_own for party in view.parties):
        return rows
    own = Entry.objects.filter(posting=OuterRef("pk"), account__owner_id=actor.organisation_id)
    return rows.filter(Exists(own))


def _balances(entries: QuerySet[Entry]) -> list[BalanceLine]:
    rows = (
        entries.values("account__kind", "account__owner_id")
        .annotate(debit=Sum("debit_fen"), credit=Sum("credit_fen"))
        .order_by("account__owner_id", "account__kind")
    )
    return [BalanceLine(r["account__kind"], r["account__owner_id"], int(r["debit"]), int(r["credit"])) for r in rows]


def _disbursement_instruction(row: Disbursement) -> PaymentInstruction | None:
    if row.state != DisbursementState.SENT:
        return None
    payees = tuple(
        PayeeOrder(BankAccount(payee.account_number, payee.name, payee.bank_name), payee.amount_fen)
        for payee in payees_of(row)
    )
    account = rules.settlement_account(row.lender.credit_code)
    return PaymentInstruction(f"{DISBURSEMENT}:{row.uuid}", account, payees, "放款")


def _collection_instruction(row: Collection) -> PaymentInstruction | None:
    if row.state != CollectionState.SENT:
        return None
    account = BankAccount(rules.settlement_account(row.lender.credit_code), row.lender.name, row.lender.name)
    return PaymentInstruction(
        f"{COLLECTION}:{row.uuid}", row.payer_account, (PayeeOrder(account, row.amount_fen),), "还款"
    )
