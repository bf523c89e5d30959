"""An invoice is held to its load and loads stay, without a look-up for every invoice."""

import pytest
from django.db import IntegrityError, connection, transaction

from factories import parties
from factories.sources import invoice_file, sale
from finmart.centres.data.sources import operations
from finmart.centres.data.sources.models import Invoice, Load
from finmart.kit import rowpolicies
from finmart.kit.actor import Actor
from seen import seen

pytestmark = [pytest.mark.django_db, pytest.mark.clause("D3")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sources_invoice SET load_id = load_id + 1000",
        "DELETE FROM sources_load",
        "UPDATE sources_load SET id = id + 1000",
        """INSERT INTO sources_invoice (content_key, organisation_id, load_id, direction, number, issued_on,
             counterparty, amount_fen, tax_fen, total_fen, is_void, is_effective, adds_up)
           SELECT gen_random_uuid(), organisation_id, load_id + 1000, direction, number, issued_on, counterparty,
             amount_fen, tax_fen, total_fen, is_void, is_effective, adds_up FROM sources_invoice""",
    ],
    ids=["moved", "deleted", "renumbered", "strange"],
)
def test_no_invoice_is_without_its_load(statement):
    firm = parties.enterprise().organisation_id
    operations.load_invoices(Actor.of_system("test"), invoice_file(sale(), sale(发票号码="2")), organisation_id=firm)
    with pytest.raises(IntegrityError), transaction.atomic(), rowpolicies.upkeep(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert set(seen(Invoice).values_list("load_id", flat=True)) == set(Load.objects.values_list("id", flat=True))
