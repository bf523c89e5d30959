"""Pieces are stored as they are: almost every file kept is compressed already, and PostgreSQL would try in vain."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE documents_chunk ALTER COLUMN content SET STORAGE EXTERNAL",
            "ALTER TABLE documents_chunk ALTER COLUMN content SET STORAGE EXTENDED",
        )
    ]
