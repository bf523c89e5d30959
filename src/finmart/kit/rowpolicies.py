"""Rows that hold numbers of firms are hidden by the database itself until the transaction has opened them (clause D2).

PostgreSQL shows the application's role no row of a guarded table by itself. A line in the disclosure ledger opens the
firm it names (none: all firms) to the end of the transaction: its insertion sets a setting of the transaction by
trigger, so reading under a consent or a recorded basis costs no statement more, and who forgot the ledger reads
nothing. What reads without the ledger opens rows here; ``tests/architecture/test_row_policies.py`` names who may.

A fence against mistakes, not against who runs SQL of his own as the application's role. It does not stand where one
role owns the tables and serves the application as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, migrations

from finmart.kit import transactions

# Two settings of the transaction: ``finmart.upkeep`` (on or not), ``finmart.opened`` (firms as an array, or ``all``).
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION finmart_every_row_is_open() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('finmart.upkeep', true), '') = 'on'
      OR coalesce(current_setting('finmart.opened', true), '') = 'all'
$$;
CREATE OR REPLACE FUNCTION finmart_open_firms() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN coalesce(current_setting('finmart.opened', true), '') IN ('', 'all') THEN '{}'::bigint[]
              ELSE current_setting('finmart.opened', true)::bigint[] END
$$;
CREATE OR REPLACE FUNCTION finmart_open_rows(firm bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE opened text := coalesce(current_setting('finmart.opened', true), '');
BEGIN
  IF firm IS NULL THEN
    PERFORM set_config('finmart.opened', 'all', true);
  ELSIF opened = '' THEN
    PERFORM set_config('finmart.opened', '{' || firm || '}', true);
  ELSIF opened <> 'all' THEN
    PERFORM set_config('finmart.opened', (opened::bigint[] || firm)::text, true);
  END IF;
END $$;
"""
_BY_LEDGER = """
CREATE OR REPLACE FUNCTION finmart_open_by_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM finmart_open_rows(NEW.subject_id);
  RETURN NULL;
END $$;
CREATE TRIGGER {table}_opens AFTER INSERT ON {table}
FOR EACH ROW WHEN (NEW.outcome = 'GIVEN') EXECUTE FUNCTION finmart_open_by_ledger();
"""


@contextmanager
def upkeep() -> Iterator[None]:
    """Open every row inside the block: for writing, computing and sums, whose readers answer for it themselves.

    A failure ends the transaction or its savepoint, and the setting with it. Outside of a transaction, as in commands
    that only read, the block is one.
    """
    with nullcontext() if connection.in_atomic_block else transactions.opened():
        yield from _upkeep()


def _upkeep() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('finmart.upkeep', true), set_config('finmart.upkeep', 'on', true)")
        before = cursor.fetchone()[0] or ""
    yield
    if before != "on":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('finmart.upkeep', %s, true)", [before])


def open_own(organisation_id: int) -> None:
    """Open the rows of the reader's own organisation, to the end of the transaction."""
    transactions.require()
    with connection.cursor() as cursor:
        cursor.execute("SELECT finmart_open_rows(%s)", [organisation_id])


def guard(table: str, *columns: str) -> migrations.RunSQL:
    """Return the migration step that hides the rows of ``table`` until a firm in one of ``columns`` is opened.

    The settings are read once in a statement, so that an index on the column serves as before. Whoever may write may
    insert what he does not see; to change, remove or return a row it must be open.
    """
    opened = " OR ".join(f"{column} = ANY ((SELECT finmart_open_firms())::bigint[])" for column in columns)
    policy = f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY {table}_opened ON {table} USING ((SELECT finmart_every_row_is_open()) OR {opened}) WITH CHECK (true);
"""
    back = f"DROP POLICY {table}_opened ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
    return migrations.RunSQL(_FUNCTIONS + policy, back)


def open_by(ledger: str) -> migrations.RunSQL:
    """Return the migration step that has a line of the ledger open the firm it gives leave to read."""
    return migrations.RunSQL(_FUNCTIONS + _BY_LEDGER.format(table=ledger), f"DROP TRIGGER {ledger}_opens ON {ledger};")


def are_in_force() -> bool:
    """Do the policies bind the session: is its role neither the owner of the tables nor above them?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_and(row_security_active(oid)) FROM pg_class WHERE relrowsecurity")
        row = cursor.fetchone()
    return bool(row and row[0])
