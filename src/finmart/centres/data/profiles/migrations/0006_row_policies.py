"""What is known of a firm is hidden until the transaction has opened it (clause D2)."""

from django.db import migrations

from finmart.kit.rowpolicies import guard


class Migration(migrations.Migration):
    dependencies = [("profiles", "0005_dispute_marks")]

    operations = [
        guard("profiles_fact", "organisation_id"),
        guard("profiles_pastfact", "organisation_id"),
        guard("profiles_monthsummary", "organisation_id"),
        guard("profiles_partnersummary", "organisation_id"),
        guard("profiles_factcopy", "subject_id", "recipient_id"),
    ]
