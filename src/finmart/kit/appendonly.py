"""Tables that only grow: a trigger refuses change and removal, and the application role is not granted them."""

from django.db import migrations, models

_FUNCTION = """
CREATE OR REPLACE FUNCTION finmart_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class AppendOnly(models.Model):
    """Base of models whose rows are never changed nor removed. Its migration adds :func:`forbid_change`."""

    class Meta:
        abstract = True


def forbid_change(table: str) -> migrations.RunSQL:
    """Return the migration step that makes ``table`` append-only by trigger."""
    trigger = f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION finmart_refuse_change();
"""
    return migrations.RunSQL(_FUNCTION + trigger, f"DROP TRIGGER {table}_append_only ON {table};")
