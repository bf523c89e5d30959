"""Copies kept under a consent, conclusions without values, ranges that cut: what a consent says, enforced (F2)."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import parties
from factories.consents import consent
from factories.profiles import facts
from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents import tasks as consents_tasks
from finmart.centres.data.consents.models import Consent, DisclosureEntry
from finmart.centres.data.consents.types import AfterEnd, ConsentRequired, Mode, Purpose
from finmart.centres.data.profiles import operations, queries, tasks
from finmart.centres.data.profiles.models import FactCopy
from finmart.centres.data.profiles.rules.ranges import is_within, window_of
from finmart.centres.data.profiles.types import FACT_TYPES, UnableToKeep
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.criteria import Criterion, Field, FieldKind, Operator, State
from finmart.kit.errors import AccessDenied, NotFound
from seen import seen

LEGAL = Role.ENTERPRISE_LEGAL_PERSON
LOAN = Purpose.LOAN_REVIEW
pytestmark = [pytest.mark.clause("F2")]


@pytest.fixture
def firm(db):
    return parties.enterprise(LEGAL)


@pytest.fixture
def bank(db):
    return parties.bank()


def _reason():
    return DisclosureEntry.objects.order_by("-id").first().reason


def _stored(firm, bank, **terms):
    facts(firm.organisation_id, employees=12, tax_grade="A")
    one = consent(firm, bank, "employees", "tax_grade", mode=Mode.STORE, **terms)
    return one, operations.keep_copy(bank, firm.organisation_id, LOAN)


def test_a_copy_is_kept_only_where_the_consent_says_so(firm, bank):
    facts(firm.organisation_id, employees=12)
    consent(firm, bank, "employees")
    with pytest.raises(UnableToKeep):
        operations.keep_copy(bank, firm.organisation_id, LOAN)
    assert queries.copies_for(bank) == []


def test_a_withdrawal_deletes_copies_at_once_and_leaves_the_proof(firm, bank):
    one, copy = _stored(firm, bank, after_end=AfterEnd.DELETE)
    assert {view.text for view in operations.open_copy(bank, copy)} == {"12 人", "A 级"}
    (seen,) = queries.copies_for(firm)
    assert (seen.recipient_name, seen.fact_count, seen.state) == (bank.organisation_name, 2, "KEPT")
    consents_operations.withdraw(firm, one.uuid)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, state, sha256 FROM profiles_factcopy WHERE uuid = %s", [copy])
        assert cursor.fetchone() == (None, "DELETED", seen.sha256)
    with pytest.raises(ConsentRequired):
        operations.open_copy(bank, copy)
    assert _reason() == "COPY_ENDED"
    (proof,) = queries.copies_for(firm)
    assert (proof.state_label, proof.ended_by_label, proof.sha256) == ("已删除", "授权撤回", seen.sha256)
    assert proof.ended_at is not None


def test_a_blocked_copy_stays_but_nobody_reads_it(firm, bank):
    one, copy = _stored(firm, bank, after_end=AfterEnd.BLOCK)
    consents_operations.withdraw(firm, one.uuid)
    assert seen(FactCopy).get(uuid=copy).state == "BLOCKED"
    with pytest.raises(ConsentRequired):
        operations.open_copy(bank, copy)


def test_expiry_closes_a_copy_at_once_and_the_job_deletes_it(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
        _, copy = _stored(firm, bank, after_end=AfterEnd.DELETE, days=2, keep_days=30)
    with clock.moved_to(clock.now() + dt.timedelta(days=2, seconds=1)):
        with pytest.raises(ConsentRequired), transaction.atomic():
            operations.open_copy(bank, copy)
        assert seen(FactCopy).get(uuid=copy).content is not None
        assert consents_tasks.end_expired(0) == 1
        assert consents_tasks.end_expired(0) == 0
        found = seen(FactCopy).get(uuid=copy)
        assert (found.content, found.state, found.ended_by) == (None, "DELETED", "EXPIRED")
        assert Consent.objects.get(uuid=found.consent_uuid).ended_at is not None


def test_a_copy_has_a_life_of_its_own_within_the_consent(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
        one, copy = _stored(firm, bank, after_end=AfterEnd.DELETE, days=20, keep_days=3)
    with clock.moved_to(clock.now() + dt.timedelta(days=3, seconds=1)):
        assert tasks.end_copies(0) == 1
        assert tasks.end_copies(0) == 0
        assert seen(FactCopy).get(uuid=copy).ended_by == "KEPT_OUT"
        assert consents_queries.consent_for(bank, one.uuid).state == "IN_FORCE"


def test_a_copy_is_nobody_elses(firm, bank):
    _, copy = _stored(firm, bank)
    for stranger in (parties.bank(), parties.enterprise(), firm, parties.person(), parties.operator(), Actor.visitor()):
        with pytest.raises(NotFound):
            operations.open_copy(stranger, copy)
    with pytest.raises(NotFound):
        operations.open_copy(bank, uuid.uuid4())
    assert queries.copies_for(parties.bank()) == queries.copies_for(parties.person()) == []
    for hand in (bank, firm, parties.operator()):
        with pytest.raises(AccessDenied):
            operations.end_kept_out(hand)
        with pytest.raises(AccessDenied):
            consents_operations.end_expired(hand)


def test_reading_a_copy_is_recorded_and_is_no_call(firm, bank):
    _, copy = _stored(firm, bank, most_calls_a_month=1)
    for _ in range(3):
        operations.open_copy(bank, copy)
    with pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, LOAN)
    assert _reason() == "TOO_OFTEN"
    lines = consents_queries.disclosures_for(firm)
    assert [line.what_label for line in lines] == ["数据项", "留存副本", "留存副本", "留存副本", "数据项"]


EMPLOYEES = Field("employees", FieldKind.INTEGER)


def test_a_consent_to_conclusions_gives_no_value(firm, bank):
    facts(firm.organisation_id, employees=12, tax_grade="A")
    consent(firm, bank, "employees", mode=Mode.QUERY)
    with pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, LOAN)
    assert _reason() == "CONCLUSIONS_ONLY"
    with pytest.raises(ConsentRequired):
        operations.keep_copy(bank, firm.organisation_id, LOAN)
    grade = Field("tax_grade", FieldKind.TEXT)
    criteria = [
        Criterion("employees", Operator.GE, (10,), is_hard=True),
        Criterion("employees", Operator.GE, (13,), is_hard=True),
        Criterion("tax_grade", Operator.EQ, ("A",), is_hard=True),
    ]
    fields = {"employees": EMPLOYEES, "tax_grade": grade}
    told = queries.answers_for(bank, firm.organisation_id, LOAN, criteria, fields)
    assert told == [State.MET, State.NOT_MET, State.UNKNOWN]  # the grade is not consented to: unknown, not met
    line = consents_queries.disclosures_for(firm)[0]
    assert (line.what_label, line.fact_types) == ("结论", ("employees",))
    with pytest.raises(ConsentRequired):
        queries.answers_for(parties.bank(), firm.organisation_id, LOAN, criteria, fields)


def test_what_sums_up_older_months_than_the_range_is_withheld(firm, bank):
    facts(firm.organisation_id, employees=12, annual_tax_fen=10**8)
    consent(firm, bank, "employees", "annual_tax_fen", purpose=Purpose.AFTER_LOAN, months_back=6)
    found = {view.code for view in queries.facts_for(bank, firm.organisation_id, Purpose.AFTER_LOAN)}
    assert found == {"employees"}
    consent(firm, bank, "employees", "annual_tax_fen", months_back=24)
    assert {view.code for view in queries.facts_for(bank, firm.organisation_id, LOAN)} == {
        "employees",
        "annual_tax_fen",
    }


@pytest.mark.parametrize(
    ("code", "months"),
    [("sales_3m_fen", 3), ("annual_sales_fen", 12), ("sales_growth", 24), ("sales_growth_6m", 18), ("employees", 0),
     ("sales_month_median_fen", 36), ("annual_tax_fen", 12)],
)  # fmt: skip
def test_how_far_back_a_fact_reads_is_what_its_formula_says(code, months):
    assert window_of(FACT_TYPES[code]) == months


@given(st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)), st.integers(0, 60), st.sampled_from(sorted(FACT_TYPES)))
def test_no_fact_is_shown_that_reads_a_month_before_the_range(day, months, code):
    kind = FACT_TYPES[code]
    whole = day.year * 12 + day.month - 1 - months
    earliest = dt.date(whole // 12, whole % 12 + 1, 1)
    window = 0 if kind.kind == "SERIES" else window_of(kind)
    if is_within(kind, day, earliest):
        assert day >= earliest
        assert window <= months + 1
    if kind.is_computed and kind.kind != "SERIES":
        assert window >= 3


def _tighten(key, value):
    parameters_operations.load_pack(Actor.of_system("setup"), "suzhou")
    parameters_operations.set_value(
        parties.operator(Role.OPERATOR_ADMINISTRATOR), key=key, value=value, valid_from=clock.today(), source="试行规定"
    )


@pytest.mark.parametrize(
    ("key", "value", "days", "reason"),
    [("most_days", 5, 6, "BEYOND_BOUNDS"), ("most_calls_a_month", 1, 0, "TOO_OFTEN")],
)
def test_bounds_that_became_tighter_count_for_consents_already_signed(firm, bank, key, value, days, reason):
    facts(firm.organisation_id, employees=12)
    consent(firm, bank, "employees", days=30)
    queries.facts_for(bank, firm.organisation_id, LOAN)
    _tighten(f"consents.loan_review.{key}", value)
    with clock.moved_to(clock.now() + dt.timedelta(days=days)), pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, LOAN)
    assert _reason() == reason


def test_a_range_that_became_tighter_counts_too(firm, bank):
    operations.record_fact(
        Actor.of_system("x"), firm.organisation_id, "employees", 5, clock.today() - dt.timedelta(days=100), "样例"
    )
    consent(firm, bank, "employees", months_back=12)
    assert queries.facts_for(bank, firm.organisation_id, LOAN)
    _tighten("consents.loan_review.most_months_back", 2)
    assert queries.facts_for(bank, firm.organisation_id, LOAN) == []


def test_two_consents_are_no_way_around_the_monthly_bound_of_a_purpose(firm, bank):
    facts(firm.organisation_id, employees=12)
    for _ in range(2):
        consent(firm, bank, "employees", purpose=Purpose.AFTER_LOAN, months_back=6)
    for _ in range(5):
        queries.facts_for(bank, firm.organisation_id, Purpose.AFTER_LOAN)
    with pytest.raises(ConsentRequired):
        queries.facts_for(bank, firm.organisation_id, Purpose.AFTER_LOAN)


@settings(max_examples=15, deadline=None)
@given(calls=st.lists(st.integers(0, 2), min_size=1, max_size=8), limit=st.integers(1, 3))
def test_in_no_month_are_more_reads_given_than_the_limit(django_db_blocker, django_db_setup, calls, limit):
    with django_db_blocker.unblock(), transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
        consent(firm, bank, "employees", most_calls_a_month=limit, days=180)
        start, given_in = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), {}
        Consent.objects.filter(grantor_id=firm.organisation_id).update(
            valid_from=start, valid_to=start + dt.timedelta(days=180)
        )
        month = 3
        for wait in calls:
            month += wait
            if month > 8:
                break
            with clock.moved_to(dt.datetime(2026, month, 3, 9, tzinfo=dt.UTC)):
                try:
                    consents_operations.disclose(
                        bank, subject_id=firm.organisation_id, purpose=LOAN, fact_types=["employees"]
                    )
                    given_in[month] = given_in.get(month, 0) + 1
                    assert given_in[month] <= limit
                except ConsentRequired:
                    assert given_in.get(month, 0) == limit
        transaction.set_rollback(True)


def test_a_copy_taken_while_the_firm_withdraws_does_not_stay(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
        facts(firm.organisation_id, employees=12)
        one = consent(firm, bank, "employees", mode=Mode.STORE, after_end=AfterEnd.DELETE)
    reading = threading.Event()

    def withdraw():
        reading.wait(10)
        with transaction.atomic():
            consents_operations.withdraw(firm, one.uuid)
        connection.close()

    other = threading.Thread(target=withdraw)
    other.start()
    with transaction.atomic():
        operations.keep_copy(bank, firm.organisation_id, LOAN)
        reading.set()
        other.join(0.3)
    other.join(10)
    assert [(row.state, row.content) for row in seen(FactCopy).all()] == [("DELETED", None)]
