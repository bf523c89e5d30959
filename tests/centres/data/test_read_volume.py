"""One institution, and one of its people, reads a bounded number of firms a day, whatever consents it holds."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from factories import parties
from factories.consents import consent
from finmart.centres.data.consents import operations, queries, rules
from finmart.centres.data.consents.models import DisclosureEntry
from finmart.centres.data.consents.types import ConsentRequired, Purpose, Shortfall, VolumeBounds
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

LEGAL = Role.ENTERPRISE_LEGAL_PERSON
KEYS = {"institution": "consents.volume.most_firms_by_institution", "person": "consents.volume.most_firms_by_person"}


def _bound(**numbers):
    parameters_operations.load_pack(Actor.of_system("setup"), "suzhou")
    for of, number in numbers.items():
        parameters_operations.set_value(
            parties.operator(), key=KEYS[of], value=number, valid_from=clock.today(), source="测试"
        )


def _firms(number, *recipients):
    firms = [parties.enterprise(LEGAL) for _ in range(number)]
    for firm in firms:
        for recipient in recipients:
            consent(firm, recipient, "employees")
    return firms


def _ask(actor, firm, purpose=Purpose.LOAN_REVIEW):
    return operations.disclose(actor, subject_id=firm.organisation_id, purpose=purpose, fact_types=["employees"])


def _reason(actor, firm, **options):
    with pytest.raises(ConsentRequired) as refused:
        _ask(actor, firm, **options)
    row = DisclosureEntry.objects.order_by("-id").first()
    assert row.outcome == "REFUSED"
    assert Shortfall(row.reason).label in str(refused.value)
    return row.reason


@pytest.mark.clause("D2", "F2")
@pytest.mark.django_db
def test_a_person_reads_so_many_firms_a_day_and_the_same_ones_again():
    bank = parties.bank()
    first, second, third = _firms(3, bank)
    _bound(person=2)
    _ask(bank, first)
    _ask(bank, second)
    assert _reason(bank, third) == "TOO_MANY_BY_PERSON"
    _ask(bank, first)
    _ask(parties.colleague(bank), third)


@pytest.mark.clause("D2", "F2")
@pytest.mark.django_db
def test_an_institution_reads_so_many_firms_a_day_whoever_of_it_asks():
    bank, other = parties.bank(), parties.bank()
    first, second, third = _firms(3, bank, other)
    _bound(institution=2)
    _ask(bank, first)
    _ask(parties.colleague(bank), second)
    assert _reason(bank, third) == "TOO_MANY_FIRMS"
    _ask(bank, second)
    _ask(other, third)
    with clock.moved_to(clock.now() + dt.timedelta(days=1)):
        _ask(bank, third)


@pytest.mark.clause("D2")
@pytest.mark.django_db
def test_people_of_the_operator_have_a_bound_the_system_has_none():
    operator, system = parties.operator(), Actor.of_system("warnings")
    firms = _firms(3)
    _bound(person=2, institution=1)
    for firm in firms:
        _ask(system, firm, Purpose.WARNING)
    for firm in firms[:2]:
        _ask(operator, firm, Purpose.WARNING)
    assert _reason(operator, firms[2], purpose=Purpose.WARNING) == "TOO_MANY_BY_PERSON"


@pytest.mark.clause("D2")
@pytest.mark.django_db
def test_who_has_no_consent_is_told_so_and_not_of_the_bound():
    bank = parties.bank()
    (firm,) = _firms(1, bank)
    _bound(person=1)
    _ask(bank, firm)
    assert _reason(bank, parties.enterprise(LEGAL)) == "NO_CONSENT"


@pytest.mark.clause("D2")
def test_the_bound_holds_against_colleagues_at_the_same_time(committed_database):
    with transactions.opened():
        bank = parties.bank()
        people = [bank, *(parties.colleague(bank) for _ in range(7))]
        firms = _firms(8, bank)
        _bound(institution=3)

    def read(person, firm):
        try:
            with transaction.atomic():
                _ask(person, firm)
        except ConsentRequired:
            pass
        finally:
            connection.close()

    readers = [threading.Thread(target=read, args=pair) for pair in zip(people, firms, strict=True)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    asked = DisclosureEntry.objects.filter(recipient_id=bank.organisation_id)
    outcomes = list(asked.values_list("outcome", "reason"))
    assert outcomes.count(("GIVEN", "")) == 3
    assert outcomes.count(("REFUSED", "TOO_MANY_FIRMS")) == 5


@pytest.mark.clause("D2")
@pytest.mark.django_db
def test_the_operator_sees_who_read_how_much_today():
    bank, other = parties.bank(name="甲银行"), parties.bank(name="乙银行")
    colleague = parties.colleague(bank)
    first, second, third = _firms(3, bank, other)
    _bound(person=2)
    for reader, firm in ((bank, first), (bank, second), (colleague, second), (other, first)):
        _ask(reader, firm)
    _reason(bank, third)
    told = {
        row.recipient_name: (row.firms, row.by_busiest, row.refused) for row in queries.volumes_for(parties.operator())
    }
    assert told.items() >= {"甲银行": (2, 2, 1), "乙银行": (1, 1, 0)}.items()  # refusals of other tests stay on record
    assert queries.volume_bounds() == VolumeBounds(1000, 2)
    for stranger in (bank, first, Actor.visitor()):
        with pytest.raises(AccessDenied):
            queries.volumes_for(stranger)


def test_the_pack_says_the_defaults_of_ours(db):
    assert queries.volume_bounds() == rules.DEFAULT_VOLUME
    _bound()
    assert queries.volume_bounds() == rules.DEFAULT_VOLUME
