"""A criterion changed on trial: how many firms of the city would come in or drop out (clause D7)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import numpy as np
import polars as pl
from django.conf import settings

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CriterionField, CriterionTerms
from finmart.centres.business.matching import policies
from finmart.centres.business.matching.models import CriteriaTry
from finmart.centres.business.matching.models import MatchRun as MatchRunRecord
from finmart.centres.business.matching.rules import city, stored
from finmart.centres.business.matching.types import ShiftGroup, WhatIf
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.criteria import Criterion, Population
from finmart.kit.errors import AccessDenied, Refusal

SUPPRESSED_BELOW = "matching.small_count.suppressed_below"
MOST_EARLIER = 100  # questions of an institution that a new one is held against: a default of ours
A_YEAR = timedelta(days=365)
UNKNOWN = "未知"
_TITLES = {"district": "区市", "size_class": "规模", "industry_section": "行业", "industry_cluster": "产业集群"}


def may_try_criteria(actor: Actor, institution_id: int) -> bool:
    """May the actor ask :func:`what_if_for` of this institution's products?"""
    return policies.can_try_criteria(actor, institution_id)


def what_if_for(actor: Actor, product_uuid: UUID, criteria: Sequence[CriterionTerms]) -> WhatIf:
    """Return what these criteria in place of a product's own would change, by district, size, industry and cluster.

    Hard criteria on the firm count; what a product asks of the need is left out. For the operator, and for the
    product's institution, which asks through ``operations.try_criteria``, with small counts held back. Raises
    AccessDenied, NotFound, UnableToReadCriterion and UnableToList where the criteria cannot stand. Leaves a line in
    the disclosure ledger.
    """
    product = catalogue_queries.product_for(actor, product_uuid)
    if not policies.can_try_criteria(actor, product.institution.id):
        raise AccessDenied("只有运营人员和产品所属机构可以试算准入条件")
    register = catalogue_queries.register()
    wanted = catalogue_queries.read_criteria(criteria, register)
    own = [view.criterion for view in product.criteria]
    is_exact = policies.can_see_exact_counts(actor)
    earlier = [] if is_exact else _earlier(actor, register)
    table = profiles_queries.known_population(
        [*{one.field for one in (*own, *wanted, *(one for some in earlier for one in some))} | _TITLES.keys()]
    )
    change = city.change(city.population(table, catalogue_queries.fields()), own, wanted, earlier)
    past = _past(product.product_id, own, wanted, earlier)
    by = {title: _labels(table, code, register) for code, title in _TITLES.items()}
    if is_exact:
        return _exact(table.height, change, by, *(one.change for one in past))
    below = parameters_queries.integer(SUPPRESSED_BELOW)
    return _veiled(table["organisation_id"].to_list(), change, by, past, below)


def _exact(firms: int, change: city.Change, by: Mapping[str, list[str]], *past: city.Change) -> WhatIf:
    matched, lent, refused = (one.shift() for one in past)
    return WhatIf(
        firms=firms,
        total=change.shift(),
        unknown_before=change.unknown_before,
        unknown_after=change.unknown_after,
        groups=tuple(ShiftGroup(title, tuple(change.shifts_by(labels).items())) for title, labels in by.items()),
        matched=matched,
        lent=lent,
        refused=refused,
        suppressed_below=None,
    )


def _veiled(
    firms: list[int], change: city.Change, by: Mapping[str, list[str]], past: Sequence["_Past"], below: int
) -> WhatIf:
    veil = _veil(firms, below)
    matched, lent, refused = (_veil(one.firms, below).shift(one.change) for one in past)
    return WhatIf(
        firms=veil.told(np.ones(len(firms), np.bool_)) or 0,
        total=veil.shift(change),
        unknown_before=veil.told(change.open_before),
        unknown_after=veil.unknown(change),
        groups=tuple(ShiftGroup(title, tuple(veil.shifts_by(change, labels).items())) for title, labels in by.items()),
        matched=matched,
        lent=lent,
        refused=refused,
        suppressed_below=below,
    )


def _veil(firms: Sequence[int], below: int) -> city.Veil:
    secret = int.from_bytes(hashlib.sha256(f"small counts {settings.SECRET_KEY}".encode()).digest()[:8])
    return city.Veil(city.keys_of(firms, secret), below)


@dataclass(frozen=True, slots=True)
class _Past:
    """What would have changed for some firms of the past year, and who they are."""

    firms: list[int]
    change: city.Change


def _labels(table: pl.DataFrame, code: str, register: Mapping[str, CriterionField]) -> list[str]:
    if code == "industry_cluster":
        names = {one.code: one.name for one in parameters_queries.clusters()}
    else:
        names = dict(register[code].choices)
    return [names.get(value, value) if value else UNKNOWN for value in table[code].to_list()]


def _earlier(actor: Actor, register: Mapping[str, CriterionField]) -> list[list[Criterion]]:
    """Return what the institution has asked before, the oldest first; what can be read no more is left out."""
    tries = CriteriaTry.objects.filter(institution_id=actor.organisation_id).order_by("-id")[:MOST_EARLIER]
    found = []
    for kept in reversed(tries.values_list("criteria", flat=True)):
        try:
            terms = [CriterionTerms(field, operator, tuple(operand), hard) for field, operator, operand, hard in kept]
            found.append(catalogue_queries.read_criteria(terms, register))
        except Refusal:
            continue
    return found


def _past(
    product_id: int, own: Sequence[Criterion], wanted: Sequence[Criterion], earlier: Sequence[Sequence[Criterion]]
) -> list[_Past]:
    """Return the change over the firms of the past year's matches with a product, those offered to, those refused.

    A firm counts once, however often it matched: by the facts its latest match saw, or its latest before applying.
    """
    since = clock.now() - A_YEAR
    runs = MatchRunRecord.objects.filter(matched_at__gte=since, outcomes__version__product_id=product_id)
    paths = [one for one in applications_queries.paths_for(_ON_RECORD, since=since) if one.product_id == product_id]
    offered = {path.organisation_id: path.submitted_at for path in paths if path.was_offered}
    declined = {path.organisation_id: path.submitted_at for path in paths if path.was_refused}
    matched: dict[int, dict[str, object]] = {}
    lent: dict[int, dict[str, object]] = {}
    refused: dict[int, dict[str, object]] = {}
    fields = catalogue_queries.fields()
    for firm, at, facts in runs.order_by("pk").values_list("organisation_id", "matched_at", "facts"):
        values: dict[str, object] = {code: one.value for code, one in stored.facts_from_json(facts, fields).items()}
        matched[firm] = values
        if firm in offered and at <= offered[firm]:
            lent[firm] = values
        if firm in declined and at <= declined[firm]:
            refused[firm] = values
    return [
        _Past(list(seen), city.change(Population.of_rows(fields, list(seen.values())), own, wanted, earlier))
        for seen in (matched, lent, refused)
    ]


_ON_RECORD = Actor.of_system("平台匹配服务")
