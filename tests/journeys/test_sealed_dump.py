"""Whoever reads the whole database, table by table, finds none of the identifiers the platform was told."""

import re

import pytest
from django.db import connection

from factories import bank_loan as factory
from factories import catalogue as products
from factories import parties as people
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.models import Organisation
from finmart.centres.technical.parties.types import MandateScope, Role
from finmart.kit import transactions
from finmart.twin.loans import PAYEE, Cast, LoanStory
from finmart.twin.people import STAFF

SURNAMES = "赵钱孙李周吴郑王冯陈"
ADDRESS = "示例路八百八十八号九楼"
IDENTITY, PHONE = "320502199003074597", "13812345678"


def _cast(names: list[str]) -> tuple[Cast, object]:
    """Return a cast whose every member has a name and an e-mail address found nowhere else."""
    administrator = products.bank_actor()
    bank = parties_queries.organisation(administrator.organisation_id)

    def named(organisation, role):
        name = f"{SURNAMES[len(names) % 10]}𬱖{chr(0x9E00 + len(names))}"
        names.append(name)
        ref = parties_operations.register_person(
            people.SYSTEM, username=f"sealed{len(names)}", full_name=name, password=None,
            email=f"sealed.{len(names)}@mail.example.cn",
        )  # fmt: skip
        parties_operations.add_member(people.SYSTEM, person_id=ref.id, organisation_id=organisation.id, roles=[role])
        return parties_queries.actor_for(ref.id)

    staff = {place: named(bank, role) for place, _, role in STAFF}
    for place in ("approver_a", "approver_b", "approver_c"):
        parties_operations.grant_mandate(
            people.SYSTEM, person_id=staff[place].person_id, organisation_id=bank.id, scope=MandateScope.CONTRACT,
            valid_to=None,
        )  # fmt: skip
    firm = people.organisation()
    clerk, legal = named(firm, Role.ENTERPRISE_CLERK), named(firm, Role.ENTERPRISE_LEGAL_PERSON)
    return Cast(clerk, legal, staff), administrator


def _copies() -> dict[str, bytes]:
    """Return table → its rows as COPY writes them."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                found[table] = b"".join(bytes(row) for row in rows)
    return found


@pytest.mark.clause("D2")
def test_a_copy_of_every_table_after_a_loan_holds_no_identifier(bank_core, committed_database):
    names: list[str] = []
    with transactions.opened():
        cast, administrator = _cast(names)
        listed = products.listed(administrator)
        parties_operations.register_borrower(
            people.SYSTEM, full_name="郑𬱖借款人", identity_number=IDENTITY, phone=PHONE
        )
        firm = Organisation.objects.get(pk=cast.clerk.organisation_id)
        firm.address = ADDRESS
        firm.save(update_fields=["address"])
    product = catalogue_queries.version(listed.version_id)
    story = LoanStory(cast, product, 30_000_000, 12, factory.drain)
    assert list(story.steps())[-1] == "repay"
    copies = _copies()
    assert len(copies["audit_entry"]) > 10_000
    assert b"sealed1\t" in copies["parties_person"]  # the names to sign in with are there
    emails = [f"sealed.{place}@mail.example.cn" for place in range(1, len(names) + 1)]
    wanted = [*names, *emails, "郑𬱖借款人", IDENTITY, PHONE, ADDRESS, PAYEE["payee_account"], "𬱖"]
    leaks = [
        (table, text, rows[max(0, place.start() - 200) : place.end() + 60].decode(errors="replace"))
        for table, rows in copies.items()
        for text in wanted
        for place in [re.search(re.escape(text.encode()), rows, re.IGNORECASE)]
        if place
    ]
    assert leaks == []
