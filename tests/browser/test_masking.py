"""Contacts of a case, showing one in full, one's own record and the catalogue of grades, as a browser shows them."""

import pytest

from factories import cases as made
from factories import parties as people
from finmart.centres.technical.masking import operations
from finmart.centres.technical.masking.types import Target, TargetKind, UnmaskPurpose, Viewer
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import Role
from finmart.desks.accounts import factors
from finmart.kit import transactions
from finmart.kit.grades import Shape

pytestmark = pytest.mark.browser


def _username(actor):
    return Person.objects.get(pk=actor.person_id).username


@pytest.fixture
def case(committed_database):
    with transactions.opened():
        firm, bank = people.enterprise(name="苏州甲精密科技有限公司"), people.bank(name="苏州乙银行园区支行")
        people.member(parties_queries.organisation(firm.organisation_id), Role.ENTERPRISE_LEGAL_PERSON)
        parties_operations.change_contact(firm, phone="13812341234", email="zhang.san@example.org")
        ref = made.loan_case(firm, bank)
    return firm, bank, ref


def test_contacts_and_showing_one_in_full(page_as, case):
    firm, bank, ref = case
    kept = parties_queries.own_contact(firm)
    manager = page_as(_username(bank))
    assert manager.go(f"/cases/{ref.number}/contacts/") == 200
    manager.check("contacts")
    assert manager.go(f"/cases/{ref.number}/contacts/{kept.uuid}/") == 200
    manager.check("unmask-not-enrolled")
    with transactions.opened():
        factors.TOTP.activate(factors.person(bank.person_id), factors.new_secret())
        target = Target(TargetKind.PERSON, kept.uuid, Shape.PHONE, Viewer.PARTNER, kept.id, firm.organisation_id)
        operations.unmask(
            bank, target, purpose=UnmaskPurpose.VERIFICATION, words="核对授信材料中的联系电话", has_second_factor=True
        )
    manager.go(f"/cases/{ref.number}/contacts/{kept.uuid}/")
    manager.check("unmask")
    manager.go(f"/cases/{ref.number}/contacts/")
    manager.check("contacts-in-full")
    clerk = page_as(_username(firm))
    assert clerk.go("/accounts/own/") == 200
    clerk.check("own-record")


def test_the_catalogue_of_grades(page_as, site):
    with transactions.opened():
        operator = people.operator()
    visit = page_as(_username(operator))
    assert visit.go("/operator/grades/?grade=4") == 200
    visit.check("grades")
