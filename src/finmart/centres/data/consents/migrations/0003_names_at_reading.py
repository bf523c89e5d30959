from django.db import migrations


class Migration(migrations.Migration):
    """The ledger keeps who asked by the person's id; the name is sealed with the person."""

    dependencies = [("consents", "0002_ends_and_kinds")]

    operations = [migrations.RemoveField("disclosureentry", "person_name")]
