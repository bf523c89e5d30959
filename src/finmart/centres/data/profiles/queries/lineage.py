"""From a number on a screen back to the record or the loads it came from, for whom the number may be shown."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import Fact, PastFact
from finmart.centres.data.profiles.queries.disputes import disputes_of_fact
from finmart.centres.data.profiles.queries.facts import disclosed, own_facts_for, views_within
from finmart.centres.data.profiles.rules.from_invoices import SERIES, TIES, facts_of
from finmart.centres.data.profiles.rules.inputs import inputs_of
from finmart.centres.data.profiles.rules.values import from_columns, shown
from finmart.centres.data.profiles.types import FACT_TYPES, FactVersion, FactView, Lineage
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

MOST_INVOICES = 30
_PLACES = 6


def lineage_for(actor: Actor, organisation_id: int, fact_type: str, purpose: str = "") -> Lineage:
    """Return where a fact of a firm comes from: for its own people, the operator's purpose, or under consent.

    Every look by others leaves a line in the disclosure ledger. They see loads, sums and hashes, no invoice one by one
    and no counterparty, and nothing before a consent's range. Raises ConsentRequired; AccessDenied where a consent
    gives conclusions only; NotFound where nothing is known.
    """
    own = policies.is_own(actor, organisation_id)
    earliest, view = (None, _own(actor, fact_type)) if own else _disclosed(actor, organisation_id, fact_type, purpose)
    kind = FACT_TYPES[fact_type]
    is_party = own or policies.can_compute(actor)
    wanted = inputs_of(fact_type, view.as_of_on) if kind.is_computed else None
    first = None if wanted is None else max(wanted.first_on, earliest or wanted.first_on)
    period = None if wanted is None or first is None else (first, wanted.latest_on)
    among: dict[str, Any] = {} if wanted is None or first is None else {
        "sides": wanted.sides, "first_on": first, "latest_on": wanted.latest_on, "known_by": view.known_at,
    }  # fmt: skip
    loads = sources_queries.invoice_inputs(organisation_id, **among) if among else []
    recomputed = _recomputed(organisation_id, fact_type, view) if among and is_party else None
    return Lineage(
        fact=view, organisation_id=organisation_id, firm_name=parties_queries.organisation(organisation_id).name,
        is_computed=kind.is_computed, period=period, loads=tuple(loads),
        invoices=tuple(sources_queries.invoices_behind(organisation_id, **among, most=MOST_INVOICES))
        if own and among else (),
        total_fen=sum(load.net_fen for load in loads) if wanted and wanted.is_sum else None,
        recomputed="" if recomputed is None else shown(kind, recomputed),
        agrees=None if recomputed is None else recomputed == _current(organisation_id, fact_type),
        is_cut=wanted is not None and first != wanted.first_on,
        record=None if among else sources_queries.record_behind(organisation_id, view.source, view.as_of_on),
        versions=tuple(_versions(organisation_id, fact_type)) if is_party else (),
        disputes=tuple(disputes_of_fact(actor, organisation_id, fact_type)) if is_party else (),
        may_dispute=own and view.disputed_at is None,
    )  # fmt: skip


def _own(actor: Actor, fact_type: str) -> FactView:
    return _one(own_facts_for(actor), fact_type)


def _disclosed(actor: Actor, organisation_id: int, fact_type: str, purpose: str) -> tuple[date | None, FactView]:
    leave = consents_operations.disclose(actor, subject_id=organisation_id, purpose=purpose, fact_types=[fact_type])
    if leave.conclusions_only:
        raise AccessDenied("企业的授权只提供结论，不提供数据来历")
    return leave.earliest_on, _one(views_within(disclosed(leave), leave), fact_type)


def _one(views: list[FactView], fact_type: str) -> FactView:
    found = next((view for view in views if view.code == fact_type), None)
    if found is None:
        raise NotFound("没有找到该数据项")
    return found


def _current(organisation_id: int, fact_type: str) -> Any:
    facts = Fact.objects.filter(organisation_id=organisation_id, fact_type=fact_type)
    fact = facts.order_by("-as_of_on")[0]
    return from_columns(FACT_TYPES[fact_type], fact.number, fact.content)


def _recomputed(organisation_id: int, fact_type: str, view: FactView) -> Any:
    """Return the fact computed anew from what was known when it was, as facts hold it."""
    known: dict[str, Any] = {"issued_by": view.as_of_on, "known_by": view.known_at}
    totals = sources_queries.partner_totals_as_known([organisation_id], **known)
    table = facts_of(sources_queries.invoices_as_known([organisation_id], **known), view.as_of_on, totals)
    value = table[fact_type].to_list()[0] if table.height else None
    if value is None:
        return None if fact_type not in {*SERIES, *TIES} else from_columns(FACT_TYPES[fact_type], None, None)
    if fact_type in SERIES:
        return from_columns(FACT_TYPES[fact_type], None, [[one["month"], one["fen"]] for one in value])
    if fact_type in TIES:
        listed = [[one["name"], _rounded(one["share"])] for one in value]
        return from_columns(FACT_TYPES[fact_type], None, json.loads(json.dumps(listed)))
    return from_columns(FACT_TYPES[fact_type], round(Decimal(str(value)), _PLACES), None)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, _PLACES)


def _versions(organisation_id: int, fact_type: str) -> list[FactVersion]:
    wanted = {"organisation_id": organisation_id, "fact_type": fact_type}
    rows: list[tuple[Fact | PastFact, datetime | None]] = [(one, None) for one in Fact.objects.filter(**wanted)]
    rows += [(one, one.superseded_at) for one in PastFact.objects.filter(**wanted)]
    kind = FACT_TYPES[fact_type]
    versions = [
        FactVersion(
            one.as_of_on, shown(kind, from_columns(kind, one.number, one.content)), one.source, one.known_at, until
        )
        for one, until in rows
    ]  # fmt: skip
    return sorted(versions, key=lambda one: (one.as_of_on, one.known_at), reverse=True)
