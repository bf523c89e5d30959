"""Reading back what a story wrote, straight from the tables: not through the code that wrote it."""

from dataclasses import dataclass

import psycopg

_LEDGER = """
SELECT coalesce(sum(entry.debit_fen) FILTER (WHERE account.kind = 'LOAN_PRINCIPAL'), 0)::bigint,
       coalesce(sum(entry.credit_fen) FILTER (WHERE account.kind = 'LOAN_PRINCIPAL'), 0)::bigint,
       coalesce(sum(entry.debit_fen), 0)::bigint, coalesce(sum(entry.credit_fen), 0)::bigint
FROM funds_entry entry JOIN funds_account account ON account.id = entry.account_id
JOIN funds_posting posting ON posting.id = entry.posting_id
JOIN cases_case it ON it.uuid = posting.case_uuid WHERE it.number = %s
"""
_DEADLINES = """
SELECT count(*) FROM processes_deadline deadline JOIN processes_instance instance ON instance.id = deadline.instance_id
JOIN cases_case it ON it.uuid = instance.case_uuid WHERE it.number = %s
"""
_EVENTS = """
SELECT count(*), count(DISTINCT event.person_id) FROM processes_processevent event
JOIN cases_case it ON it.uuid = event.case_uuid WHERE it.number = %s
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tables hold of one case. Amounts in fen; ``people`` is how many persons the process log names."""

    lent_fen: int
    repaid_fen: int
    debit_fen: int
    credit_fen: int
    deadlines: int
    events: int
    people: int


def read(server_url: str, database: str, case_number: str) -> Evidence:
    """Return what the tables of a database hold of a case."""
    with psycopg.connect(server_url, dbname=database) as session:
        ledger = session.execute(_LEDGER, [case_number]).fetchone() or (0, 0, 0, 0)
        deadlines = session.execute(_DEADLINES, [case_number]).fetchone() or (0,)
        events = session.execute(_EVENTS, [case_number]).fetchone() or (0, 0)
    return Evidence(*ledger, *deadlines, *events)
