"""Showing a firm's score to others: under leave, within its range, on record (clause F2)."""

from dataclasses import replace
from datetime import date

import polars as pl

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.risk import policies
from finmart.centres.data.risk.models import Score, ScoreReading
from finmart.centres.data.risk.queries import scores, versions
from finmart.centres.data.risk.rules.invoice_features import columns_of
from finmart.centres.data.risk.types import RiskAct, ScoreView
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor


def show_score(actor: Actor, organisation_id: int, purpose: str) -> ScoreView | None:
    """Return the newest score of a firm to others and keep that they saw it; None where there is none to show.

    An institution sees it under a consent that covers sales and purchases for the purpose; operator staff under one of
    the operator's purposes. A score as of a day before the consent's range is not shown, one that rests on invoices
    before it is made anew of those within; where the consent allows conclusions only, no reason tells its value.
    Raises ConsentRequired.
    """
    transactions.require()
    leave = consents_operations.disclose(
        actor, subject_id=organisation_id, purpose=purpose, fact_types=sorted(scores.READ_FACTS), conclusion=True
    )
    found = scores.newest_of(organisation_id)
    if found is not None and leave.earliest_on is not None:
        found = _within(actor, found, leave.earliest_on)
    if found is None:
        return None
    if actor.organisation_id is not None and policies.can_read_card(actor):
        ScoreReading.objects.create(
            score=found, reader_id=actor.organisation_id, subject_id=organisation_id, person_id=actor.person_id,
            read_at=clock.now(),
        )  # fmt: skip
    told = scores.view_of(found)
    if not leave.conclusions_only:
        return told
    return replace(told, reasons=tuple(replace(one, value=None) for one in told.reasons))


def _within(actor: Actor, found: Score, earliest_on: date) -> Score | None:
    """Return a score as it comes out of invoices of the range alone, kept like any other; None where it ends before.

    Ranges count in whole months, the one they begin in among them.
    """
    firm, first = found.organisation_id, earliest_on.replace(day=1)
    if found.as_of_on < earliest_on:
        return None
    oldest = sources_queries.earliest_invoice_on(firm)
    if oldest is None or oldest >= first:
        return found
    made = Score.objects.filter(
        organisation_id=firm, version=found.version_id, as_of_on=found.as_of_on, range_from=first, id__gt=found.pk
    ).select_related("version")
    if known := made.first():
        return known
    frame = sources_queries.invoice_frame([firm]).filter(pl.col("issued_on") >= first)
    columns = columns_of(profiles_queries.features_of(frame, found.as_of_on), [firm])
    row = {code: float(column[0]) for code, column in columns.items()}
    audit_operations.record(
        actor, RiskAct.FIRM_SCORE, f"model:{found.version.uuid}", firms=1, range_from=first.isoformat()
    )
    return Score.objects.create(
        version=found.version, organisation_id=firm, range_from=first, as_of_on=found.as_of_on, scored_at=clock.now(),
        disputed=found.disputed, **scores.kept_of(versions.card_of(found.version), row),
    )  # fmt: skip
