"""A line of the ledger opens the rows of the firm it names (clause D2)."""

from django.db import migrations

from finmart.kit.rowpolicies import open_by


class Migration(migrations.Migration):
    dependencies = [("consents", "0004_one_index_for_one_question")]

    operations = [
        open_by("consents_disclosureentry"),
    ]
