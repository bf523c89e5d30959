"""The sample city: the same every time, marked as an example, made through operations."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.technical.audit import queries as audit_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import MandateScope, Role
from finmart.twin import seeding
from finmart.twin.codes import made_up_credit_code
from finmart.twin.material import material

SMALL = replace(material(), firms=12, banks=material().banks[:2], insurers=(), guarantors=(), cases=2)


def _figures():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(total_fen) FROM sources_invoice")
        invoices = cursor.fetchone()
        cursor.execute("SELECT string_agg(name, ',' ORDER BY id) FROM parties_organisation")
        return invoices, cursor.fetchone()


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_city():
    figures = []
    for _ in range(2):
        with transaction.atomic():
            assert seeding.seed(sample=SMALL)
            figures.append(_figures())
            transaction.set_rollback(True)
    assert figures[0] == figures[1]
    assert figures[0][0][0] > 12


@pytest.mark.django_db
def test_a_city_is_seeded_once_marked_and_audited():
    assert seeding.seed(sample=SMALL)
    assert not seeding.seed(sample=SMALL)
    products = catalogue_queries.open_versions()
    assert len(products) == 8
    assert all(product.is_example for product in products)
    firm = parties_queries.organisation_by_credit_code(made_up_credit_code(1_000))
    assert firm.is_example
    lender = products[0].institution.id
    signatories = parties_queries.members_with_role(lender, Role.INSTITUTION_APPROVER)
    assert signatories
    assert all(parties_queries.can_sign_for(one.id, lender, MandateScope.CONTRACT) for one in signatories)
    assert audit_queries.verify().ok


def test_every_role_of_the_issue_has_an_account():
    from finmart.twin.people import DEMO_ACCOUNTS

    names = [account.username for account in DEMO_ACCOUNTS]
    assert names[:6] == ["clerk", "legal", "manager1", "manager2", "approver", "operator"]
    assert len(set(names)) == len(names)
