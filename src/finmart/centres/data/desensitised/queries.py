"""The store as it may be read: rows for analysis without their firms, its state, and rows by firm for the system."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import polars as pl

from finmart.centres.data.desensitised import policies
from finmart.centres.data.desensitised.models import Build, FirmDay, Reidentification
from finmart.centres.data.desensitised.types import BuildRow, GroupRow, ReidentificationRow, StoreState
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit.actor import Actor
from finmart.kit.crypto import Purpose as KeyPurpose
from finmart.kit.crypto import ring
from finmart.kit.errors import AccessDenied

ATTRIBUTES = ("district", "size_class", "industry_section", "age", "ownership")
TITLES = {
    "district": "区市", "size_class": "规模", "industry_section": "行业门类", "age": "成立年限", "ownership": "所有制",
}  # fmt: skip
SHOWN = 50


def state_for(actor: Actor) -> StoreState:
    """Return how the store stands, its firms by each attribute, and who re-identified what. Raises AccessDenied."""
    if not policies.can_see_state(actor):
        raise AccessDenied("脱敏存储只对平台运营人员开放")
    latest = Build.objects.filter(is_training=False).order_by("-day").first()
    rows = Reidentification.objects.select_related("by").order_by("-pk")[:SHOWN]
    return StoreState(
        latest=_build(latest) if latest else None,
        training_days=Build.objects.filter(is_training=True).count(),
        groups=_groups(latest) if latest else (),
        reidentifications=tuple(
            ReidentificationRow(one.at, one.by.full_name, one.pseudonym, one.reason) for one in rows
        ),
        may_reidentify=policies.can_reidentify(actor),
    )


def population(actor: Actor, day: date | None = None) -> pl.DataFrame:
    """Return the rows of a day (the latest by default) with pseudonym, attributes, bands and measures as columns.

    Empty where the store was not built. Raises AccessDenied.
    """
    if not policies.can_see_state(actor):
        raise AccessDenied("脱敏存储只对平台运营人员开放")
    built = Build.objects.filter(is_training=False)
    chosen = built.filter(day=day).first() if day else built.order_by("-day").first()
    rows = FirmDay.objects.filter(build=chosen).order_by("pseudonym") if chosen else FirmDay.objects.none()
    return pl.DataFrame(
        [
            {"pseudonym": one.pseudonym} | {name: getattr(one, name) for name in ATTRIBUTES} | one.bands | one.measures
            for one in rows
        ],
        infer_schema_length=None,
    )


def attributes_of(actor: Actor, firms: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return organisation → its coarse attributes (ATTRIBUTES) in the latest store, for statistics over groups.

    A firm of too small a group shows 其他; one that was not there when the store was built is left out. Found by
    pseudonyms as in :func:`training_measures_of`. Raises AccessDenied for all but the system and the operator.
    """
    if not policies.can_build(actor):
        raise AccessDenied("脱敏存储只对平台运营人员开放")
    names = {pseudonym_of(one.uuid): one.id for one in parties_queries.organisations(sorted(set(firms)))}
    latest = Build.objects.filter(is_training=False).order_by("-day")[:1]
    rows = FirmDay.objects.filter(build__in=latest.values("pk"), pseudonym__in=list(names))
    return {
        names[pseudonym]: dict(zip(ATTRIBUTES, values, strict=True))
        for pseudonym, *values in rows.values_list("pseudonym", *ATTRIBUTES)
    }


def training_measures_of(actor: Actor, firms: Sequence[int], day: date, codes: Sequence[str]) -> pl.DataFrame:
    """Return organisation_id and these rounded measures of firms as they were before a day, null where unknown.

    Firms are found by pseudonyms made on the spot; the store itself does not lead to them. Raises AccessDenied for
    all but the system and the operator.
    """
    if not policies.can_build(actor):
        raise AccessDenied("脱敏存储只对平台运营人员开放")
    names = {pseudonym_of(one.uuid): one.id for one in parties_queries.organisations(sorted(set(firms)))}
    rows = FirmDay.objects.filter(build__day=day, build__is_training=True, pseudonym__in=list(names))
    return pl.DataFrame(
        [[names[one.pseudonym], *(one.measures.get(code) for code in codes)] for one in rows],
        schema={"organisation_id": pl.Int64, **dict.fromkeys(codes, pl.Float64)},
        orient="row",
    )


def pseudonym_of(uuid: UUID) -> str:
    """Return the keyed pseudonym of a firm: HMAC-SM3 of its uuid by a key that serves nothing else."""
    return ring().current(KeyPurpose.PSEUDONYMS).digest(f"desensitised.firm|{uuid}".encode()).hex()


def _build(one: Build) -> BuildRow:
    return BuildRow(one.day, one.built_at, one.rows, one.smallest_group, one.withheld)


def _groups(build: Build) -> tuple[tuple[str, tuple[GroupRow, ...]], ...]:
    rows = list(FirmDay.objects.filter(build=build).values_list(*ATTRIBUTES))
    counted = {name: Counter(row[place] for row in rows) for place, name in enumerate(ATTRIBUTES)}
    return tuple(
        (TITLES[name], tuple(GroupRow(label, firms) for label, firms in counts.most_common()))
        for name, counts in counted.items()
    )
