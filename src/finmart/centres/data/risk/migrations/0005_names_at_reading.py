from django.db import migrations

from finmart.kit.appendonly import amend


class Migration(migrations.Migration):
    """Who made a version and who judged it stand by their id; the names are sealed with the persons."""

    dependencies = [("risk", "0004_outcomes")]

    operations = [
        migrations.RemoveField("opinion", "person_name"),
        migrations.RenameField("modelversion", "made_by_name", "made_by_label"),
        amend(
            "risk_modelversion",
            "UPDATE risk_modelversion SET made_by_label = 'person:' || made_by_id WHERE made_by_id IS NOT NULL",
        ),
    ]
