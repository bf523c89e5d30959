"""The operator finds who asks for help by number or address, exactly; nobody else does, and the trail keeps neither."""

import pytest

from factories import parties
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parties import operations
from finmart.centres.technical.parties.types import Role
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal

PHONE, EMAIL = "138 0000 4321", "wei.help@example.com"


@pytest.fixture
def clerk(db):
    found = parties.enterprise(Role.ENTERPRISE_CLERK, name="苏州求助有限公司")
    operations.change_contact(found, phone=PHONE, email=EMAIL)
    return found


@pytest.mark.clause("D2")
@pytest.mark.parametrize("text", ["13800004321", " 138-0000-4321 ", EMAIL, EMAIL.upper()])
def test_exactly_this_number_or_address_finds_its_person(clerk, text):
    (found,) = operations.find_persons(parties.operator(), text)
    assert (found.id, found.organisations, found.is_active) == (clerk.person_id, ("苏州求助有限公司",), True)


@pytest.mark.clause("D2")
@pytest.mark.parametrize("text", ["1380000432", "help@example.com", "%", "13900000000"])
def test_a_part_of_it_finds_nobody(clerk, text):
    assert operations.find_persons(parties.operator(), text) == []


@pytest.mark.clause("D2", "P2")
def test_only_the_operator_may_look_and_the_trail_keeps_no_number(clerk):
    for stranger in (clerk, parties.bank(), Actor.visitor()):
        with pytest.raises(AccessDenied):
            operations.find_persons(stranger, PHONE)
    operator = parties.operator()
    with pytest.raises(Refusal) as refused:
        operations.find_persons(operator, "  ")
    assert refused.value.field == "reached_by"
    with transactions.opened():
        operations.find_persons(operator, PHONE)
    (entry, *_) = [one for one in audit_queries.entries_for(operator, limit=50) if one.tag == "parties:person:find"]
    assert entry.content == {"found": [clerk.person_id]}
