"""How many different firms may be read in a day: a bound on what one institution, or one person, can carry away."""

from finmart.centres.data.consents import queries, rules
from finmart.centres.data.consents.types import OPERATOR_PURPOSES, Shortfall
from finmart.kit import clock, sql, transactions
from finmart.kit.actor import Actor

_SEEN_TODAY = """
SELECT 1 FROM consents_disclosureentry WHERE subject_id = %s AND recipient_id = %s AND person_id = %s
  AND outcome = 'GIVEN' AND what <> 'COPY' AND at >= %s LIMIT 1
"""
# Who reads a firm that is new to them today waits here for colleagues who do so too, and then counts what they read.
_IN_LINE = "SELECT pg_advisory_xact_lock(hashtextextended('consents:volume', %s))"
_COUNTED = """
SELECT count(DISTINCT subject_id), count(DISTINCT subject_id) FILTER (WHERE person_id = %s)
FROM consents_disclosureentry WHERE recipient_id = %s AND at >= %s AND outcome = 'GIVEN' AND what <> 'COPY'
  AND subject_id <> %s
"""


def shortfall(actor: Actor, subject_id: int, purpose: str) -> Shortfall | None:
    """Return why the actor may not read one firm more today, None where it may, or reads it again.

    The bounds hold under concurrency: those of one organisation who read firms new to them stand in line until the
    transaction ends. A copy was counted on the day it was taken. The operator's people have the bound of a person
    only, the system none: its reads rest on a purpose's basis.
    """
    transactions.require()
    if actor.person_id is None:
        return None
    since = queries.start_of(clock.today())
    if sql.rows(_SEEN_TODAY, [subject_id, actor.organisation_id, actor.person_id, since]):
        return None
    sql.rows(_IN_LINE, [actor.organisation_id])
    [(firms, own)] = sql.rows(_COUNTED, [actor.person_id, actor.organisation_id, since, subject_id])
    is_operators = purpose in OPERATOR_PURPOSES
    return rules.beyond_volume(queries.volume_bounds(), by_institution=0 if is_operators else firms, by_person=own)
