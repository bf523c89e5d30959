"""Facts are read under a consent or a recorded basis; every request, refused ones too, is in the ledger."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from factories import parties
from factories.consents import consent
from finmart.centres.data.consents import operations, queries, rules
from finmart.centres.data.consents.events import ConsentWithdrawn
from finmart.centres.data.consents.models import Consent, DisclosureEntry, PurposeBasis
from finmart.centres.data.consents.types import ConsentRequired, Purpose, UnableToGrant
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import MandateScope, Role
from finmart.kit import clock, events
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal

LEGAL = Role.ENTERPRISE_LEGAL_PERSON


def _ask(actor, firm, *fact_types, purpose=Purpose.LOAN_REVIEW):
    return operations.disclose(
        actor, subject_id=firm.organisation_id, purpose=purpose, fact_types=list(fact_types) or None
    )


def _reason(actor, firm, *fact_types, **options):
    with pytest.raises(ConsentRequired):
        _ask(actor, firm, *fact_types, **options)
    return DisclosureEntry.objects.order_by("-id").first().reason


@pytest.fixture
def firm(db):
    return parties.enterprise(LEGAL)


@pytest.fixture
def bank(db):
    return parties.bank()


@pytest.mark.clause("F2")
def test_an_institution_reads_what_was_consented_and_nothing_else(firm, bank):
    given_one = consent(firm, bank, "annual_sales_fen", "employees", months_back=24)
    leave = _ask(bank, firm, "employees")
    assert leave.consent_uuid == given_one.uuid
    assert leave.earliest_on == rules.months_before(clock.today(), 24)
    assert _ask(bank, firm).fact_types == ("annual_sales_fen", "employees")
    assert _reason(bank, firm, "employees", "tax_grade") == "NOT_COVERED"
    assert _reason(bank, firm, "employees", purpose=Purpose.AFTER_LOAN) == "NO_CONSENT"
    assert _reason(parties.bank(), firm, "employees") == "NO_CONSENT"
    assert _reason(bank, parties.enterprise(LEGAL), "employees") == "NO_CONSENT"


@pytest.mark.clause("F2")
@pytest.mark.parametrize("purpose", [Purpose.MATCHING, "MADE_UP"])
def test_an_institution_may_not_borrow_the_operators_purposes(firm, bank, purpose):
    assert _reason(bank, firm, "employees", purpose=purpose) == "WRONG_PARTY"


@pytest.mark.clause("F2")
def test_the_operator_reads_for_its_own_purposes_on_a_recorded_basis_only(firm):
    operator = parties.operator()
    assert _ask(operator, firm, "employees", purpose=Purpose.WARNING).consent_uuid is None
    assert _reason(operator, firm, "employees") == "WRONG_PARTY"
    assert _reason(Actor.of_system("job"), firm, "employees") == "WRONG_PARTY"
    PurposeBasis.objects.filter(purpose=Purpose.WARNING).delete()
    assert _reason(operator, firm, "employees", purpose=Purpose.WARNING) == "NO_BASIS"
    assert {basis.purpose for basis in queries.bases()} == {"MATCHING", "QUALITY", "STATISTICS"}
    administrator = parties.operator(Role.OPERATOR_ADMINISTRATOR)
    operations.record_basis(administrator, Purpose.WARNING, basis="委托书", source="市局委托〔示例〕")
    assert _ask(operator, firm, "employees", purpose=Purpose.WARNING)


@pytest.mark.clause("F2")
def test_withdrawal_is_one_act_and_ends_reading_at_once(firm, bank):
    heard = []
    events.subscribe(ConsentWithdrawn, heard.append)
    one = consent(firm, bank)
    assert queries.consent_for(firm, one.uuid).may_withdraw
    assert queries.consent_for(firm, one.uuid) == one
    operations.withdraw(firm, one.uuid)
    operations.withdraw(firm, one.uuid)
    assert [event.consent_uuid for event in heard if event.grantor_id == firm.organisation_id] == [one.uuid]
    assert _reason(bank, firm, "employees") == "NO_CONSENT"
    seen = queries.consent_for(bank, one.uuid)
    assert (seen.state, seen.may_withdraw) == ("WITHDRAWN", False)


@pytest.mark.clause("F2")
def test_a_consent_ends_by_itself(firm, bank):
    one = consent(firm, bank, days=30)
    with clock.moved_to(clock.now() + dt.timedelta(days=30, seconds=1)):
        assert _reason(bank, firm, "employees") == "NO_CONSENT"
        assert queries.consent_for(bank, one.uuid).state == "ENDED"
        with pytest.raises(Refusal):
            operations.withdraw(firm, one.uuid)


@pytest.mark.clause("F2")
def test_reads_are_counted_by_the_month(firm, bank):
    consent(firm, bank, "employees", purpose=Purpose.AFTER_LOAN, months_back=6, days=400)
    for _ in range(5):
        _ask(bank, firm, "employees", purpose=Purpose.AFTER_LOAN)
    assert _reason(bank, firm, "employees", purpose=Purpose.AFTER_LOAN) == "TOO_OFTEN"
    with clock.moved_to(clock.now() + dt.timedelta(days=32)):
        assert _ask(bank, firm, "employees", purpose=Purpose.AFTER_LOAN)


@pytest.mark.clause("F2")
def test_a_refusal_is_recorded_although_the_business_is_undone(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()

    def business():
        parties.organisation(name="业务写入")
        _ask(bank, firm, "employees")

    with pytest.raises(ConsentRequired), transaction.atomic():
        business()
    rows = queries.disclosures_for(firm)
    assert [(row.outcome, row.recipient_name, row.purpose_label) for row in rows] == [
        ("REFUSED", bank.organisation_name, "贷款审查")
    ]
    assert rows[0].reason
    from finmart.centres.technical.parties.models import Organisation

    assert not Organisation.objects.filter(name="业务写入").exists()


@pytest.mark.clause("F2")
def test_a_refusal_waits_for_nobody_even_if_the_firm_is_locked(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM parties_organisation WHERE id = %s FOR UPDATE", [firm.organisation_id])
        with pytest.raises(ConsentRequired):
            _ask(bank, firm, "employees")
    assert DisclosureEntry.objects.filter(subject_id=firm.organisation_id).count() == 1


@pytest.mark.clause("F2")
def test_a_withdrawal_waits_for_a_read_in_progress_and_none_begins_after(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
        one = consent(firm, bank, "employees")
    reading, order = threading.Event(), []

    def withdraw():
        reading.wait(10)
        with transaction.atomic():
            operations.withdraw(firm, one.uuid)
            order.append("withdrawn")
        connection.close()

    other = threading.Thread(target=withdraw)
    other.start()
    with transaction.atomic():
        _ask(bank, firm, "employees")
        reading.set()
        other.join(0.3)
        order.append("read")
    other.join(10)
    assert order == ["read", "withdrawn"]
    with pytest.raises(ConsentRequired), transaction.atomic():
        _ask(bank, firm, "employees")


@pytest.mark.clause("F2")
def test_the_monthly_limit_holds_against_readers_at_the_same_time(committed_database):
    with transaction.atomic():
        firm, bank = parties.enterprise(LEGAL), parties.bank()
        consent(firm, bank, "employees", most_calls_a_month=3)

    def read():
        try:
            with transaction.atomic():
                _ask(bank, firm, "employees")
        except ConsentRequired:
            pass
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    outcomes = [row.outcome for row in queries.disclosures_for(firm)]
    assert (outcomes.count("GIVEN"), outcomes.count("REFUSED")) == (3, 5)


@pytest.mark.clause("F2")
def test_only_a_mandate_signs_and_withdraws(firm, bank):
    clerk = parties.colleague(firm, Role.ENTERPRISE_CLERK)
    with pytest.raises(AccessDenied):
        consent(clerk, bank)
    one = consent(firm, bank)
    assert not queries.consent_for(clerk, one.uuid).may_withdraw
    with pytest.raises(AccessDenied):
        operations.withdraw(clerk, one.uuid)
    parties_operations.grant_mandate(
        firm, person_id=clerk.person_id, organisation_id=firm.organisation_id, scope=MandateScope.CONSENT, valid_to=None
    )
    operations.withdraw(clerk, one.uuid)


def test_another_firms_consent_is_not_there(firm, bank):
    one = consent(firm, bank)
    stranger = parties.enterprise(LEGAL)
    for act in (operations.withdraw, queries.consent_for):
        with pytest.raises(NotFound):
            act(stranger, one.uuid)
    with pytest.raises(NotFound):
        operations.withdraw(bank, one.uuid)
    with pytest.raises(NotFound):
        operations.withdraw(firm, uuid.uuid4())
    assert queries.consents_for(stranger) == []
    assert queries.disclosures_for(Actor.visitor()) == []


@pytest.mark.clause("F2")
def test_each_party_sees_its_own_lines_of_the_ledger(firm, bank):
    consent(firm, bank)
    _ask(bank, firm, "employees")
    assert [row.person_name for row in queries.disclosures_for(firm)] == [bank.person_name]
    assert len(queries.disclosures_for(bank)) == 1
    assert queries.disclosures_for(parties.bank()) == queries.disclosures_for(parties.enterprise()) == []
    assert queries.disclosures_for(parties.operator())


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"days": 185}, "valid_to"),
        ({"days": -1}, "valid_to"),
        ({"months_back": 37}, "months_back"),
        ({"months_back": 0}, "months_back"),
        ({"purpose": Purpose.MATCHING}, "purpose"),
        ({"purpose": "MADE_UP"}, "purpose"),
    ],
)
def test_terms_beyond_the_purpose_are_refused_at_their_field(firm, bank, terms, field):
    with pytest.raises(UnableToGrant) as refused:
        consent(firm, bank, **terms)
    assert refused.value.field == field
    assert Consent.objects.count() == 0


def test_consent_goes_from_a_firm_to_an_institution(firm, bank):
    with pytest.raises(UnableToGrant) as refused:
        consent(firm, parties.enterprise())
    assert refused.value.field == "recipient"
    with pytest.raises(AccessDenied):
        consent(bank, parties.bank())


def test_the_pack_may_change_the_bounds(firm, bank):
    parameters_operations.load_pack(Actor.of_system("setup"), "suzhou")
    assert queries.bounds_of(Purpose.LOAN_REVIEW) == rules.DEFAULT_BOUNDS[Purpose.LOAN_REVIEW]
    assert {purpose for purpose, _ in queries.purposes()} == set(rules.DEFAULT_BOUNDS)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 240))
def test_months_before_is_the_same_day_or_the_months_end(day, months):
    earlier = rules.months_before(day, months)
    assert (day.year * 12 + day.month) - (earlier.year * 12 + earlier.month) == months
    assert earlier.day == day.day or (earlier + dt.timedelta(days=1)).day == 1 < day.day


def test_figures_are_sums_over_all_firms(firm, bank):
    before = queries.figures()
    one = consent(firm, bank)
    _ask(bank, firm, "employees")
    _reason(bank, firm, "tax_grade")
    after = queries.figures()
    assert (after.in_force, after.given, after.refused) == (
        before.in_force + 1, before.given + 1, before.refused + 1,
    )  # fmt: skip
    operations.withdraw(firm, one.uuid)
    assert queries.figures().in_force == before.in_force
