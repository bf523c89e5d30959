"""Tables that only grow: a trigger refuses change and removal, and the application role is not granted them."""

from django.db import migrations, models

_FUNCTION = """
CREATE OR REPLACE FUNCTION finmart_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


_ALL_BUT = """
CREATE OR REPLACE FUNCTION finmart_refuse_change_but() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - TG_ARGV::text[]) IS DISTINCT FROM (to_jsonb(OLD) - TG_ARGV::text[]) THEN
    RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""


class AppendOnly(models.Model):
    """Base of models whose rows are never changed nor removed. Its migration adds :func:`forbid_change`.

    Its sealed columns alone may be sealed anew with another key (:func:`allow_resealing`).
    """

    class Meta:
        abstract = True


def forbid_change(table: str) -> migrations.RunSQL:
    """Return the migration step that makes ``table`` append-only by trigger."""
    trigger = f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION finmart_refuse_change();
"""
    return migrations.RunSQL(_FUNCTION + trigger, f"DROP TRIGGER {table}_append_only ON {table};")


def allow_resealing(table: str, *columns: str) -> migrations.RunSQL:
    """Return the step that lets the sealed ``columns`` of an append-only table, and nothing else, be written again."""
    arguments = ", ".join(f"'{one}'" for one in columns)
    narrower = f"""
DROP TRIGGER {table}_append_only ON {table};
CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION finmart_refuse_change();
CREATE TRIGGER {table}_resealed_only BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION finmart_refuse_change_but({arguments});
"""
    whole = f"""
DROP TRIGGER {table}_resealed_only ON {table};
DROP TRIGGER {table}_append_only ON {table};
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION finmart_refuse_change();
"""
    return migrations.RunSQL(_ALL_BUT + narrower, whole)


def amend(table: str, statement: str) -> migrations.RunSQL:
    """Return the step that amends what earlier versions wrote to an append-only table; there is no way back."""
    trigger = f"{table}_append_only"
    return migrations.RunSQL(
        f"ALTER TABLE {table} DISABLE TRIGGER {trigger}; {statement}; ALTER TABLE {table} ENABLE TRIGGER {trigger};",
        migrations.RunSQL.noop,
    )
