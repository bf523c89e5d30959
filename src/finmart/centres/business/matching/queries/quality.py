"""P5 and P6 in figures: what matches led to, how evenly institutions are seen, how approval differs between groups."""

from datetime import datetime, timedelta
from decimal import Decimal

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import ApplicationPath
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import policies
from finmart.centres.business.matching.models import LearntChances, MatchOutcome
from finmart.centres.business.matching.models import MatchRun as MatchRunRecord
from finmart.centres.business.matching.rules import chances, quality, scoring, stored
from finmart.centres.business.matching.types import ApprovalGap, Chance, ExposedRow, MatchState, Quality
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied

BOUND = "matching.exposure.least"
SMALLEST_GROUP = "matching.small_count.suppressed_below"
A_YEAR = timedelta(days=365)
_GROUPS = {"size_class": "企业规模", "district": "所在区市", "industry_section": "行业"}


def quality_for(actor: Actor) -> Quality:
    """Return the figures of the past year, for the operator. Raises AccessDenied for everybody else."""
    if not policies.can_measure(actor):
        raise AccessDenied("匹配质量只对运营人员开放")
    since = clock.now() - A_YEAR
    shown = _shown(since)
    paths = applications_queries.paths_for(actor, since=since)
    seen, equals = quality.exposure(shown), quality.among_equals(shown)
    bound = parameters_queries.value(BOUND)
    behind = quality.below(equals, bound)
    names = {one.id: one.name for one in parties_queries.organisations(sorted(seen.by_institution))}
    decided, learnt = quality.decided_kinds(shown, paths), latest_chances() or {}
    told, gap = chances.calibration((one.chance, offered) for one, offered in decided if one.chance is not None)
    return Quality(
        precision=quality.precision(shown, paths),
        exposure=seen,
        equals=equals,
        bound=bound,
        exposed=tuple(
            ExposedRow(names[key], ratio, equals.by_institution.get(key), key in behind)
            for key, ratio in sorted(seen.by_institution.items(), key=lambda one: names[one[0]])
        ),
        gaps=tuple(_gaps(paths, since)),
        chances=tuple((_in_words(kind), learnt[kind]) for kind in chances.kinds() if kind in learnt),
        told=told,
        calibration_gap=gap,
    )


def decided_matches(actor: Actor) -> list[tuple[quality.Shown, bool]]:
    """Return what each firm was shown of a product before it applied, and whether it got an offer, of the past year.

    Only applications their institution has decided. Raises AccessDenied as :func:`quality_for`.
    """
    if not policies.can_measure(actor):
        raise AccessDenied("匹配质量只对运营人员开放")
    since = clock.now() - A_YEAR
    return quality.decided_kinds(_shown(since), applications_queries.paths_for(actor, since=since))


def seen_too_little(actor: Actor) -> frozenset[int]:
    """Return the institutions that got less attention in the past year than the bound allows among equals (clause P5).

    Raises AccessDenied as :func:`quality_for`.
    """
    if not policies.can_measure(actor):
        raise AccessDenied("匹配质量只对运营人员开放")
    return quality.below(quality.among_equals(_shown(clock.now() - A_YEAR)), parameters_queries.value(BOUND))


def latest_chances() -> dict[str, Chance] | None:
    """Return the chances learnt last, by kind of match; None before the first time. They tell of no firm."""
    found = latest_learnt()
    return found[0] if found else None


def latest_learnt() -> tuple[dict[str, Chance], frozenset[int]] | None:
    """Return what was learnt last: the chances, and who is seen too little; None before the first time."""
    row = LearntChances.objects.order_by("-pk").first()
    return (stored.chances_from_json(row.chances), frozenset(row.least_seen)) if row else None


def _in_words(kind: str) -> str:
    state, part = kind.split(":")
    return f"{MatchState(state).label}，优先条件{'全部' if part == 'ALL' else '未全部'}满足"


def _shown(since: datetime) -> list[quality.Shown]:
    rows = MatchOutcome.objects.filter(run__matched_at__gte=since).exclude(state=MatchState.NOT_ELIGIBLE)
    settings = {
        run: (Decimal(band or 0), frozenset(full or ()))
        for run, band, full in MatchRunRecord.objects.filter(matched_at__gte=since).values_list(
            "pk", "settings__band", "settings__without_room"
        )
    }
    return [
        quality.Shown(
            run, firm, at, product, bank, MatchState(state), rank, kind, chance, _band(score, bank, *settings[run])
        )
        for run, firm, at, product, bank, state, rank, kind, chance, score in rows.order_by("pk").values_list(
            "run_id", "run__organisation_id", "run__matched_at", "version__product_id",
            "version__product__institution_id", "state", "rank", "kind", "chance", "score",
        )
    ]  # fmt: skip


def _band(score: Decimal | None, bank: int, band: Decimal, without_room: frozenset[int]) -> Decimal | None:
    return None if score is None or bank in without_room else scoring.band_of(score, band)


def _gaps(paths: list[ApplicationPath], since: datetime) -> list[ApprovalGap]:
    """Return the gaps by groups of firms, each firm's as its latest match saw it."""
    facts = dict(
        MatchRunRecord.objects.filter(matched_at__gte=since).order_by("pk").values_list("organisation_id", "facts")
    )
    register = catalogue_queries.register()
    least = parameters_queries.integer(SMALLEST_GROUP)
    found = []
    for code, title in _GROUPS.items():
        label = dict(register[code].choices)
        group_of = {
            firm: label.get(one[code]["value"], one[code]["value"]) for firm, one in facts.items() if code in one
        }
        found.append(quality.approval_gap(title, paths, group_of, least))
    return found
