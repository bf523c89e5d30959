from django.db import migrations, models

from finmart.kit.appendonly import amend
from finmart.kit.crypto.fields import EncryptedJSON
from finmart.kit.crypto.migrating import seal_existing


class Migration(migrations.Migration):
    """The event log keeps who acted by the person's id (the name is sealed with the person); variables are sealed."""

    dependencies = [("processes", "0003_recused"), ("parties", "0003_sealed")]

    operations = [
        migrations.SeparateDatabaseAndState(  # the column is as it was: the log must not wait for anybody's row
            state_operations=[
                migrations.RemoveField("processevent", "person_id"),
                migrations.AddField(
                    "processevent",
                    "person",
                    models.ForeignKey(
                        "parties.Person",
                        on_delete=models.DO_NOTHING,
                        related_name="+",
                        null=True,
                        db_constraint=False,
                        db_index=False,
                    ),
                ),
            ],
        ),
        amend(
            "processes_processevent",
            "UPDATE processes_processevent SET actor_label = 'person:' || person_id WHERE person_id IS NOT NULL",
        ),
        migrations.AlterField("instance", "variables", EncryptedJSON(bound_to=("uuid",), default=dict)),
        seal_existing("processes.Instance", "variables"),
    ]
