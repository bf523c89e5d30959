"""A firm's invoices are hidden until the transaction has opened it (clause D2)."""

from django.db import migrations

from finmart.kit.rowpolicies import guard


class Migration(migrations.Migration):
    dependencies = [("sources", "0006_invoices_of_loads")]

    operations = [
        guard("sources_invoice", "organisation_id"),
    ]
