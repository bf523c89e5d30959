from django.db import migrations


class Migration(migrations.Migration):
    """Who set a value stands by the person's id; the name is sealed with the person."""

    dependencies = [("parameters", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "UPDATE parameters_setting SET set_by_label = 'person:' || set_by_id WHERE set_by_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
