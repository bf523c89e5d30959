"""A firm's scores are hidden until the transaction has opened it (clause D2)."""

from django.db import migrations

from finmart.kit.rowpolicies import guard


class Migration(migrations.Migration):
    dependencies = [("risk", "0008_score_range")]

    operations = [
        guard("risk_score", "organisation_id"),
    ]
