from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0003_tries"),
    ]

    operations = [
        migrations.AddField(
            model_name="learntchances",
            name="least_seen",
            field=models.JSONField(default=list),
        ),
    ]
