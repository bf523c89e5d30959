"""Facts as people and calculations read them. Another's facts only through the consents centre."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

import polars as pl
from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from finmart.centres.data.consents import operations as consents_operations
from finmart.centres.data.consents.types import Disclosure, Purpose
from finmart.centres.data.profiles import policies
from finmart.centres.data.profiles.models import Fact, FactDispute, PastFact
from finmart.centres.data.profiles.rules.ranges import is_within
from finmart.centres.data.profiles.rules.values import from_columns, masked, months_between, shown
from finmart.centres.data.profiles.types import FACT_TYPES, DisputeState, FactKind, FactView, KnownValue, Series, Tie
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock, rowpolicies
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

MATCHER = Actor.of_system("平台匹配服务")
_COMPARED = {FactKind.INTEGER, FactKind.DECIMAL, FactKind.TEXT, FactKind.BOOLEAN}
_FOUNDED = "established_on"
_COMPARED_CODES = [code for code, kind in FACT_TYPES.items() if kind.kind in _COMPARED or code == _FOUNDED]
DISPUTED = "（有异议）"
_DISPUTED_AT = Subquery(
    FactDispute.objects.filter(
        state=DisputeState.OPEN, organisation_id=OuterRef("organisation_id"), fact_type=OuterRef("fact_type")
    ).values("raised_at")[:1]
)
_BY_SOURCE = """
SELECT DISTINCT ON (organisation_id, fact_type, source) organisation_id, fact_type, source, as_of_on, number::float8,
       number IS NOT NULL OR content IS NOT NULL
FROM profiles_fact WHERE %(firms)s::bigint[] IS NULL OR organisation_id = ANY(%(firms)s)
ORDER BY organisation_id, fact_type, source, as_of_on DESC
"""
_POPULATION = """
SELECT DISTINCT ON (organisation_id, fact_type) organisation_id, fact_type, number::float8, content
FROM profiles_fact WHERE fact_type = ANY(%(codes)s)
  AND (%(firms)s::bigint[] IS NULL OR organisation_id = ANY(%(firms)s))
ORDER BY organisation_id, fact_type, as_of_on DESC
"""
# The latest value with its day, and the one known about a year before that day (35 days to either side).
_DATED = """
SELECT now.organisation_id, now.fact_type, now.as_of_on, now.number::float8, now.content, earlier.number::float8
FROM (
  SELECT DISTINCT ON (organisation_id, fact_type) organisation_id, fact_type, as_of_on, number, content
  FROM profiles_fact WHERE fact_type = ANY(%s) ORDER BY organisation_id, fact_type, as_of_on DESC
) AS now
LEFT JOIN LATERAL (
  SELECT number FROM profiles_fact AS one
  WHERE one.organisation_id = now.organisation_id AND one.fact_type = now.fact_type
    AND one.as_of_on BETWEEN now.as_of_on - 400 AND now.as_of_on - 330
  ORDER BY abs(now.as_of_on - 365 - one.as_of_on), one.as_of_on DESC LIMIT 1
) AS earlier ON true
"""


def own_facts_for(actor: Actor, *, known_by: datetime | None = None) -> list[FactView]:
    """Return what is known of the actor's own firm, in the order of the fact type table, missing ones included.

    ``known_by`` asks for what was known at a moment: what came in or was corrected later does not show. Raises
    AccessDenied for others than a firm's staff.
    """
    if actor.organisation_id is None or not policies.is_own(actor, actor.organisation_id):
        raise AccessDenied("只有企业人员可以查看本企业画像")
    rowpolicies.open_own(actor.organisation_id)
    return _views(_newest(actor.organisation_id, known_by))


def facts_for(
    actor: Actor, organisation_id: int, purpose: str, fact_types: Sequence[str] | None = None,
    *, known_by: datetime | None = None,
) -> list[FactView]:  # fmt: skip
    """Return a firm's facts for a purpose: its own staff all, others what a consent or recorded basis covers.

    Every read by others leaves a line in the disclosure ledger, so this needs the edge's transaction. Facts older
    than the consent allows are left out, names of partners and owners masked. ``known_by`` as in
    :func:`own_facts_for`. Raises ConsentRequired (recorded as well).
    """
    if policies.is_own(actor, organisation_id):
        rowpolicies.open_own(organisation_id)
        return _views(_newest(organisation_id, known_by, fact_types))
    leave = consents_operations.disclose(actor, subject_id=organisation_id, purpose=purpose, fact_types=fact_types)
    return views_within(disclosed(leave, known_by), leave)


def disclosed(leave: Disclosure, known_by: datetime | None = None) -> list[Fact | PastFact]:
    """Return the facts a disclosure gives leave to read, cut to its range. For this centre only."""
    earliest = leave.earliest_on
    return [
        fact for fact in _newest(leave.subject_id or 0, known_by, leave.fact_types or None)
        if fact.fact_type in FACT_TYPES
        and (earliest is None or is_within(FACT_TYPES[fact.fact_type], fact.as_of_on, earliest))
    ]  # fmt: skip


def views_within(facts: Iterable[Fact | PastFact], leave: Disclosure) -> list[FactView]:
    """Return facts as others see them: names masked, series without the months before the range. For this centre."""
    views = [_masked(view) for view in _views(facts)]
    if leave.earliest_on is None:
        return views
    first = f"{leave.earliest_on:%Y-%m}"
    return [_shortened(view, first) for view in views]


def known_values(
    organisation_id: int, *, actor: Actor = MATCHER, fact_types: Iterable[str] | None = None
) -> dict[str, KnownValue]:  # fmt: skip
    """Return fact type → value where one is known, for matching under its recorded basis; leaves a ledger line.

    ``fact_types`` None means all that can be compared. Two are derived:
    ``established_months`` (whole months since ``established_on``) and ``district``.
    """
    consents_operations.disclose(actor, subject_id=organisation_id, purpose=Purpose.MATCHING)
    asked = _COMPARED_CODES if fact_types is None else (*fact_types, _FOUNDED)
    known = known_of(_newest(organisation_id, None, asked))
    firm = parties_queries.organisation(organisation_id)
    if firm.district:
        known["district"] = KnownValue(firm.district, clock.today(), "企业登记")
    return known


def count_facts() -> tuple[int, int]:
    """Return how many facts are known, and of how many firms; sums only, so nobody's consent is needed."""
    known = Fact.objects.exclude(number=None, content=None)
    with rowpolicies.upkeep():
        return known.count(), known.values("organisation_id").distinct().count()


def fact_table(
    codes: Sequence[str], *, actor: Actor = MATCHER, purpose: str = Purpose.MATCHING,
    organisation_ids: Sequence[int] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return one row per firm of which anything asked is known: organisation_id and a column per code.

    Of some firms, or (None) of all.

    Numbers as Float64, the others as text (``true``/``false`` for yes and no), null where missing. One ledger line
    for the whole population, under one of the operator's own purposes.
    """
    consents_operations.disclose_population(actor, purpose=purpose, fact_types=codes)
    with connection.cursor() as cursor:
        firms = None if organisation_ids is None else list(organisation_ids)
        cursor.execute(_POPULATION, {"codes": list(codes), "firms": firms})
        rows = [(firm, code, number, _plain(content)) for firm, code, number, content in cursor]
    schema = {"organisation_id": pl.Int64, "code": pl.String, "number": pl.Float64, "content": pl.String}
    long = pl.DataFrame(rows, schema=schema, orient="row")
    table = long.select("organisation_id").unique().sort("organisation_id")
    for code in codes:
        kind = FACT_TYPES[code].kind
        column = "number" if kind in {FactKind.INTEGER, FactKind.DECIMAL} else "content"
        part = long.filter(pl.col("code") == code).select("organisation_id", pl.col(column).alias(code))
        table = table.join(part, on="organisation_id", how="left")
    return table


def dated_table(codes: Sequence[str], *, actor: Actor, purpose: str) -> pl.DataFrame:
    """Return one row per firm of which anything asked is known; of each code ``x`` three columns.

    ``x`` the latest value (numbers, yes and no as 1 and 0, else text), ``x:on`` its day, ``x:before`` the number known
    about a year before that day. Null where missing. One ledger line for the whole population, as :func:`fact_table`.
    """
    consents_operations.disclose_population(actor, purpose=purpose, fact_types=codes)
    with connection.cursor() as cursor:
        cursor.execute(_DATED, [list(codes)])
        rows = [(*row[:4], _plain(row[4]), row[5]) for row in cursor]
    schema = {
        "organisation_id": pl.Int64, "code": pl.String, "on": pl.Date, "number": pl.Float64, "content": pl.String,
        "before": pl.Float64,
    }  # fmt: skip
    long = pl.DataFrame(rows, schema=schema, orient="row")
    table = long.select("organisation_id").unique().sort("organisation_id")
    for code in codes:
        kind = FACT_TYPES[code].kind
        value = pl.col("number") if kind in {FactKind.INTEGER, FactKind.DECIMAL} else pl.col("content")
        if kind is FactKind.BOOLEAN:
            value = (pl.col("content") == "true").cast(pl.Float64)
        part = long.filter(pl.col("code") == code).select(
            "organisation_id", value.alias(code), pl.col("on").alias(f"{code}:on"),
            pl.col("before").alias(f"{code}:before"),
        )  # fmt: skip
        table = table.join(part, on="organisation_id", how="left")
    return table


def known_population(codes: Sequence[str], *, actor: Actor = MATCHER, purpose: str = Purpose.MATCHING) -> pl.DataFrame:
    """Return :func:`fact_table` with the two that :func:`known_values` derives, as criteria compare them."""
    stored = sorted({"established_on" if code == "established_months" else code for code in codes} - {"district"})
    table = fact_table(stored, actor=actor, purpose=purpose)
    firms = table["organisation_id"].to_list()
    if "district" in codes:
        district = {one.id: one.district or None for one in parties_queries.organisations(firms)}
        table = table.with_columns(pl.Series("district", [district[firm] for firm in firms], pl.String))
    if "established_months" in codes:
        today = clock.today()
        begun = [day and months_between(date.fromisoformat(day), today) for day in table["established_on"].to_list()]
        table = table.with_columns(pl.Series("established_months", begun, pl.Float64, strict=False))
    return table


def facts_by_source(organisation_ids: Sequence[int] | None, *, actor: Actor, purpose: str) -> pl.DataFrame:
    """Return the newest of every fact each source has told: who, what, from where, as of when, the number if it is one.

    For one of the operator's own purposes: one ledger line, whatever the number of firms. None means every firm.
    """
    consents_operations.disclose_population(actor, purpose=purpose, fact_types=list(FACT_TYPES))
    with connection.cursor() as cursor:
        cursor.execute(_BY_SOURCE, {"firms": None if organisation_ids is None else list(organisation_ids)})
        rows = cursor.fetchall()
    schema = {
        "organisation_id": pl.Int64, "fact_type": pl.String, "source": pl.String, "as_of_on": pl.Date,
        "number": pl.Float64, "is_known": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def known_of(facts: Iterable[Fact | PastFact]) -> dict[str, KnownValue]:
    """Return facts as criteria compare them, with the one derived of the day of founding. For this centre only."""
    known: dict[str, KnownValue] = {}
    for fact in facts:
        kind = FACT_TYPES[fact.fact_type]
        value = from_columns(kind, fact.number, fact.content)
        source = f"{fact.source}{DISPUTED}" if disputed_since(fact) else fact.source
        if value is not None and kind.kind in _COMPARED:
            known[fact.fact_type] = KnownValue(value, fact.as_of_on, source)
        if isinstance(value, date):
            months = months_between(value, clock.today())
            known["established_months"] = KnownValue(months, fact.as_of_on, source)
    return known


def _plain(content: object) -> str | None:
    # psycopg hands jsonb over as text here, because Django decodes its own JSON fields only.
    return content.strip('"') if isinstance(content, str) else None


def _newest(
    organisation_id: int, known_by: datetime | None, fact_types: Iterable[str] | None = None
) -> list[Fact | PastFact]:  # fmt: skip
    """Return the fact of the latest day of each type, as known now or by a moment."""
    wanted: dict[str, Any] = {"organisation_id": organisation_id}
    if fact_types is not None:
        wanted["fact_type__in"] = list(fact_types)
    if known_by is None:
        facts = Fact.objects.filter(**wanted).annotate(disputed_at=_DISPUTED_AT)
        return list(facts.order_by("fact_type", "-as_of_on").distinct("fact_type"))
    wanted["known_at__lte"] = known_by
    rows: list[Fact | PastFact] = list(Fact.objects.filter(**wanted))
    rows += PastFact.objects.filter(**wanted, superseded_at__gt=known_by)
    newest: dict[str, Fact | PastFact] = {}
    disputed = _disputed_then(organisation_id, known_by)
    for row in sorted(rows, key=lambda row: row.as_of_on):
        newest[row.fact_type] = row
        row.disputed_at = disputed.get(row.fact_type)  # type: ignore[union-attr]  # as the annotation above
    return list(newest.values())


def disputed_since(fact: Fact | PastFact) -> datetime | None:
    """Return since when the fact is disputed, as :func:`_newest` found it."""
    found: datetime | None = getattr(fact, "disputed_at", None)
    return found


def _disputed_then(organisation_id: int, known_by: datetime) -> dict[str, datetime]:
    rows = FactDispute.objects.filter(organisation_id=organisation_id, raised_at__lte=known_by)
    open_then = rows.filter(Q(settled_at=None) | Q(settled_at__gt=known_by))
    return dict(open_then.order_by("-raised_at").values_list("fact_type", "raised_at"))


def _views(facts: Iterable[Fact | PastFact]) -> list[FactView]:
    found = {fact.fact_type: fact for fact in facts}
    return [_view(found[code]) for code in FACT_TYPES if code in found]


def _view(fact: Fact | PastFact) -> FactView:
    kind = FACT_TYPES[fact.fact_type]
    value = from_columns(kind, fact.number, fact.content)
    return FactView(
        code=kind.code,
        label=kind.label,
        value=value,
        text=shown(kind, value),
        unit=kind.unit,
        formula=kind.formula,
        source=fact.source,
        as_of_on=fact.as_of_on,
        known_at=fact.known_at,
        grade=fact.grade,
        group=kind.group,
        disputed_at=disputed_since(fact),
    )


def _shortened(view: FactView, first: str) -> FactView:
    if FACT_TYPES[view.code].kind is not FactKind.SERIES or not isinstance(view.value, tuple):
        return view
    months = cast("Series", tuple(month for month in cast("Series", view.value) if month[0] >= first))
    return replace(view, value=months, text=shown(FACT_TYPES[view.code], months))


def _masked(view: FactView) -> FactView:
    if FACT_TYPES[view.code].kind is not FactKind.TIES or not isinstance(view.value, tuple):
        return view
    ties = cast("tuple[Tie, ...]", view.value)
    return replace(view, value=tuple(replace(tie, name=masked(tie.name)) for tie in ties))
