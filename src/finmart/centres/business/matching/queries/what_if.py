"""A criterion changed on trial: how many firms of the city would come in or drop out (clause D7)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import polars as pl

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CriterionField, CriterionTerms
from finmart.centres.business.matching import policies
from finmart.centres.business.matching.models import MatchRun as MatchRunRecord
from finmart.centres.business.matching.rules import city, stored
from finmart.centres.business.matching.types import ShiftGroup, WhatIf
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.criteria import Criterion, Population
from finmart.kit.errors import AccessDenied

SUPPRESSED_BELOW = "matching.small_count.suppressed_below"
A_YEAR = timedelta(days=365)
UNKNOWN = "未知"
_TITLES = {"district": "区市", "size_class": "规模", "industry_section": "行业", "industry_cluster": "产业集群"}


def may_try_criteria(actor: Actor, institution_id: int) -> bool:
    """May the actor ask :func:`what_if_for` of this institution's products?"""
    return policies.can_try_criteria(actor, institution_id)


def what_if_for(actor: Actor, product_uuid: UUID, criteria: Sequence[CriterionTerms]) -> WhatIf:
    """Return what these criteria in place of a product's own would change, by district, size, industry and cluster.

    Hard criteria on the firm count; what a product asks of the need is left out. For the operator, and for the
    product's institution with small counts held back. Raises AccessDenied, NotFound, UnableToReadCriterion and
    UnableToList where the criteria cannot stand. Leaves a line in the disclosure ledger.
    """
    product = catalogue_queries.product_for(actor, product_uuid)
    if not policies.can_try_criteria(actor, product.institution.id):
        raise AccessDenied("只有运营人员和产品所属机构可以试算准入条件")
    register = catalogue_queries.register()
    wanted = catalogue_queries.read_criteria(criteria, register)
    own = [view.criterion for view in product.criteria]
    table = profiles_queries.known_population([*{one.field for one in (*own, *wanted)} | _TITLES.keys()])
    change = city.change(city.population(table, catalogue_queries.fields()), own, wanted)
    matched, lent = _past(product.product_id, own, wanted)
    below = None if policies.can_see_exact_counts(actor) else parameters_queries.integer(SUPPRESSED_BELOW)
    found = WhatIf(
        firms=table.height,
        total=change.shift(),
        unknown_before=change.unknown_before,
        unknown_after=change.unknown_after,
        groups=tuple(
            ShiftGroup(title, tuple(change.shifts_by(_labels(table, code, register)).items()))
            for code, title in _TITLES.items()
        ),
        matched=matched.shift(),
        lent=lent.shift(),
        suppressed_below=below,
    )
    return found if below is None else _held_back(found, below)


def _labels(table: pl.DataFrame, code: str, register: Mapping[str, CriterionField]) -> list[str]:
    if code == "industry_cluster":
        names = {one.code: one.name for one in parameters_queries.clusters()}
    else:
        names = dict(register[code].choices)
    return [names.get(value, value) if value else UNKNOWN for value in table[code].to_list()]


def _past(product_id: int, own: Sequence[Criterion], wanted: Sequence[Criterion]) -> tuple[city.Change, city.Change]:
    """Return the change over the firms of the past year's matches with a product, and over those that got an offer.

    A firm counts once, however often it matched: by the facts its latest match saw, or its latest before applying.
    """
    since = clock.now() - A_YEAR
    runs = MatchRunRecord.objects.filter(matched_at__gte=since, outcomes__version__product_id=product_id)
    offered = {
        path.organisation_id: path.submitted_at
        for path in applications_queries.paths_for(_ON_RECORD, since=since)
        if path.product_id == product_id and path.was_offered
    }
    matched: dict[int, dict[str, object]] = {}
    lent: dict[int, dict[str, object]] = {}
    fields = catalogue_queries.fields()
    for firm, at, facts in runs.order_by("pk").values_list("organisation_id", "matched_at", "facts"):
        values: dict[str, object] = {code: one.value for code, one in stored.facts_from_json(facts, fields).items()}
        matched[firm] = values
        if firm in offered and at <= offered[firm]:
            lent[firm] = values
    everybody, borrowers = (Population.of_rows(fields, rows) for rows in (list(matched.values()), list(lent.values())))
    return city.change(everybody, own, wanted), city.change(borrowers, own, wanted)


def _held_back(found: WhatIf, below: int) -> WhatIf:
    return WhatIf(
        firms=found.firms - found.firms % below,
        total=city.coarse(found.total, below),
        unknown_before=city.coarse_count(found.unknown_before, below),
        unknown_after=city.coarse_count(found.unknown_after, below),
        groups=tuple(
            ShiftGroup(group.title, tuple((label, city.coarse(shift, below)) for label, shift in group.rows))
            for group in found.groups
        ),
        matched=city.coarse(found.matched, below),
        lent=city.coarse(found.lent, below),
        suppressed_below=below,
    )


_ON_RECORD = Actor.of_system("平台匹配服务")
