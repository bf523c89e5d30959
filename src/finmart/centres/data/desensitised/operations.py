"""Building the store, and the one way back to a firm."""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from finmart.centres.data.consents.types import Purpose
from finmart.centres.data.desensitised import policies, queries
from finmart.centres.data.desensitised.models import Build, FirmDay, Reidentification
from finmart.centres.data.desensitised.queries import ATTRIBUTES
from finmart.centres.data.desensitised.rules import anonymity, coarsening
from finmart.centres.data.desensitised.types import SMALLEST_GROUP, DesensitisedAct, UnableToReidentify
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.technical.audit import operations as audit_operations
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef
from finmart.kit import clock, rowpolicies, transactions
from finmart.kit.actor import Actor
from finmart.kit.crypto import Purpose as KeyPurpose
from finmart.kit.crypto import ring
from finmart.kit.errors import AccessDenied

BATCH = 1_000
SHORTEST_REASON = 10
TRAINING_KEPT = timedelta(days=30)  # a default of ours: rows for training are made anew at each training
YUAN = ("annual_revenue_fen", "total_assets_fen", "net_assets_fen", "annual_tax_fen", "registered_capital_fen")
FACTS = ("size_class", "industry_section", "established_months", "district", "ownership", "employees", *YUAN)


def build(actor: Actor) -> int:
    """Build today's store anew, attributes and measures, in place of an earlier day's.

    Rows for training go when they are older than TRAINING_KEPT. Returns how many firms it holds. Read under the
    operator's purpose of statistics; leaves a ledger line. Raises AccessDenied, ConsentRequired.
    """
    transactions.require()
    _require_build(actor)
    day = clock.today()
    table = profiles_queries.known_population(FACTS, actor=actor, purpose=Purpose.STATISTICS)
    coarse = _coarse(table)
    held, withheld = anonymity.generalised(coarse, ATTRIBUTES, SMALLEST_GROUP)
    smallest = anonymity.smallest_group(held, ATTRIBUTES)
    if smallest < SMALLEST_GROUP:  # fewer firms than k altogether: nothing of theirs is told
        held = held.with_columns(pl.lit(anonymity.GENERAL).alias(one) for one in ATTRIBUTES)
        withheld, smallest = held.height, anonymity.smallest_group(held, ATTRIBUTES)
    Build.objects.filter(is_training=False).delete()
    Build.objects.filter(is_training=True, built_at__lt=clock.now() - TRAINING_KEPT).delete()
    measures = _features(sources_queries.invoice_frame(), day + timedelta(days=1))
    rows = _store(day, held, measures, smallest, withheld)
    audit_operations.record(actor, DesensitisedAct.STORE_BUILD, f"store:{day}", rows=rows, k=smallest)
    return rows


def build_training(actor: Actor, asked: Iterable[tuple[int, date]]) -> None:
    """See to it that there are measures of these firms from what was invoiced before these days. Raises AccessDenied.

    Such rows have no attributes. They are made anew each time: an invoice of then may have come in since.
    """
    transactions.require()
    _require_build(actor)
    with rowpolicies.upkeep():
        frame = sources_queries.invoice_frame()
    wanted = pl.DataFrame(list(asked), schema={"organisation_id": pl.Int64, "day": pl.Date}, orient="row").unique()
    for (day,), firms in sorted(wanted.group_by("day")):
        known = _features(frame, day).join(firms, on="organisation_id", how="semi")
        general = known.select("organisation_id", *(pl.lit(anonymity.GENERAL).alias(one) for one in ATTRIBUTES))
        _store(day, general.with_columns(pl.lit(None).alias("bands")), known, is_training=True)


def reidentify(actor: Actor, pseudonym: str, *, reason: str) -> OrganisationRef:
    """Return whose row it is, and record who asked and why. Raises AccessDenied, UnableToReidentify."""
    transactions.require()
    if actor.person_id is None or not policies.can_reidentify(actor):
        raise AccessDenied("只有平台管理员可以重新识别脱敏数据")
    words = " ".join(reason.split())
    if not SHORTEST_REASON <= len(words) <= 500:
        raise UnableToReidentify(
            f"请写明理由，{SHORTEST_REASON} 至 500 字",
            field="reason",
            remedy="说明为什么脱敏数据不够",
        )
    wanted = pseudonym.strip().lower()
    firms = parties_queries.organisations_of_kind(OrganisationKind.ENTERPRISE)
    found = next((one for one in firms if queries.pseudonym_of(one.uuid) == wanted), None)
    if found is None or not FirmDay.objects.filter(pseudonym=wanted).exists():
        raise UnableToReidentify("脱敏存储中没有这个假名", field="pseudonym", remedy="请核对后重新填写")
    Reidentification.objects.create(at=clock.now(), by_id=actor.person_id, pseudonym=wanted, reason=words)
    audit_operations.record(actor, DesensitisedAct.FIRM_REIDENTIFY, f"pseudonym:{wanted}", reason=words)
    return found


def _coarse(table: pl.DataFrame) -> pl.DataFrame:
    districts = {one.code: one.name for one in parameters_queries.districts()}
    labels = {
        "district": districts,
        "size_class": dict(FACT_TYPES["size_class"].choices),
        "ownership": dict(FACT_TYPES["ownership"].choices),
    }
    named = table.with_columns(
        *(
            pl.col(name).replace_strict(known, default=None, return_dtype=pl.String).fill_null(coarsening.MISSING)
            for name, known in labels.items()
        ),
        pl.col("industry_section").fill_null(coarsening.MISSING).str.slice(0, 4),
        *(coarsening.banded(name, coarsening.YUAN_BANDS) for name in YUAN),
        coarsening.banded("employees", coarsening.PEOPLE_BANDS),
        coarsening.banded("established_months", coarsening.AGE_BANDS),
    ).rename({"established_months": "age"})
    return named.with_columns(pl.struct(*YUAN, "employees").alias("bands"))


def _features(frame: pl.DataFrame, before: date) -> pl.DataFrame:
    return profiles_queries.features_of(frame.filter(pl.col("issued_on") < before), before - timedelta(days=1))


def _store(
    day: date, firms: pl.DataFrame, measures: pl.DataFrame, smallest: int = 0, withheld: int = 0, *,
    is_training: bool = False,
) -> int:  # fmt: skip
    """Write one day in place of what was there."""
    Build.objects.filter(day=day, is_training=is_training).delete()
    made = Build.objects.create(
        day=day, is_training=is_training, built_at=clock.now(), rows=firms.height,
        smallest_group=smallest, withheld=withheld, key_id=ring().current(KeyPurpose.PSEUDONYMS).id,
    )  # fmt: skip
    told = _told(measures)
    uuids = {one.id: one.uuid for one in parties_queries.organisations(firms["organisation_id"].to_list())}
    rows = (
        FirmDay(
            build=made, pseudonym=queries.pseudonym_of(uuids[row["organisation_id"]]), bands=row["bands"] or {},
            measures=told.get(row["organisation_id"], {}), **{name: row[name] for name in ATTRIBUTES},
        )
        for row in firms.select("organisation_id", *ATTRIBUTES, "bands").iter_rows(named=True)
    )  # fmt: skip
    # in the order of the pseudonyms: that of the ids would give the firms away
    FirmDay.objects.bulk_create(sorted(rows, key=lambda one: one.pseudonym), batch_size=BATCH)
    return made.rows


def _told(measures: pl.DataFrame) -> dict[int, dict[str, float]]:
    """Return firm → measure → rounded number, for what is a number and known."""
    numbers = [name for name, kind in measures.schema.items() if name != "organisation_id" and _is_number(kind)]
    return {
        row["organisation_id"]: {
            name: rounded for name in numbers if (rounded := coarsening.rounded(_number(row[name]))) is not None
        }
        for row in measures.iter_rows(named=True)
    }


def _is_number(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind == pl.Boolean


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]  # a number, or true and false


def _require_build(actor: Actor) -> None:
    if not policies.can_build(actor):
        raise AccessDenied("脱敏存储只由平台建立")
