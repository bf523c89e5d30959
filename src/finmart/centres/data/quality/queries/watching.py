"""Rules with their figures, history, lapses and owners."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.quality import policies
from finmart.centres.data.quality.models import Lapse, LapseLine, RuleFigure, RuleVersion, Run
from finmart.centres.data.quality.queries.versions import rules_in_force, text_of
from finmart.centres.data.quality.rules.checks import spoken
from finmart.centres.data.quality.rules.definitions import is_holding
from finmart.centres.data.quality.types import (
    BatchFigure,
    Dimension,
    ExampleView,
    Figure,
    LapseState,
    LapseView,
    LineKind,
    LineView,
    Origin,
    Point,
    QualityAct,
    QualityFigures,
    RulePage,
    RuleView,
    Subject,
    TermsView,
    Trigger,
)
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import PersonRef, Role
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

TREND = 30
HISTORY = 60


def rules_for(actor: Actor) -> list[RuleView]:
    """Return the rules in force with their newest figures, by dimension. Raises AccessDenied but for the operator."""
    _require(actor)
    versions = rules_in_force(clock.today())
    runs = Run.objects.filter(load_uuid=None, batch_uuid=None).order_by("-pk").values_list("pk", flat=True)[:TREND]
    points: dict[str, list[Point]] = {}
    rows = RuleFigure.objects.filter(run__in=list(runs)).select_related("run", "version").order_by("pk")
    for figure in rows.defer("examples"):
        points.setdefault(figure.code, []).append(_point(figure))
    standing = Lapse.objects.filter(state=LapseState.OPEN).select_related("owner")
    lapses = {row.code: _lapse(actor, row, ()) for row in standing}
    return [_rule(actor, one, points.get(code, []), lapses.get(code)) for code, one in versions.items()]


def rule_for(actor: Actor, code: str) -> RulePage:
    """Return one rule with its history. Raises AccessDenied, NotFound."""
    _require(actor)
    version = rules_in_force(clock.today()).get(code)
    if version is None:
        raise NotFound("没有找到该质量规则")
    newest = list(RuleFigure.objects.filter(code=code).select_related("run", "version").order_by("-run")[:HISTORY])
    whole = [one for one in newest if one.run.is_whole]
    lapses = _lapses(actor, code)
    versions = list(RuleVersion.objects.filter(code=code).select_related("owner").order_by("-pk"))
    names = parties_queries.shown(one.set_by_label for one in versions)
    is_open = [one for one in lapses if one.state is LapseState.OPEN]
    points = [_point(one) for one in whole[:TREND]]
    return RulePage(
        rule=_rule(actor, version, points[::-1], is_open[0] if is_open else None),
        facts=_facts_of(version),
        points=tuple(_point(one) for one in newest),
        examples=_examples(whole[0]) if whole else (),
        terms=tuple(_terms(one, names) for one in versions),
        lapses=tuple(lapses),
    )


def _facts_of(version: RuleVersion) -> tuple[tuple[str, str], ...]:
    rule = text_of(version)
    if rule.subject is Subject.FIRMS:
        codes = spoken(rule.check, rule.when, clock.today()).reads
    else:
        codes = tuple(str(row["is"]) for row in rule.when if row["column"] == "fact_type" and "is" in row)
    return tuple((code, FACT_TYPES[code].label) for code in codes if code in FACT_TYPES)


def owners_for(actor: Actor) -> list[PersonRef]:
    """Return who may answer for a rule: staff of the actor's own operator. Raises AccessDenied."""
    _require(actor)
    return parties_queries.members_with_role(actor.organisation_id or 0, Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)


def batch_figures_for(actor: Actor, batch_uuid: UUID) -> tuple[BatchFigure, ...]:
    """Return what the rules said of a feed's batch when it last came in, those that fail first. Raises AccessDenied."""
    _require(actor)
    run = Run.objects.filter(batch_uuid=batch_uuid).order_by("-pk").first()
    rows = RuleFigure.objects.filter(run=run, checked__gt=0).select_related("version").order_by("passes", "pk")
    return tuple(
        BatchFigure(
            code=row.code, label=row.version.label, dimension_label=Dimension(row.version.dimension).label,
            checked=row.checked, failed=row.failed, share=Figure(row.code, row.checked, row.failed, ()).share,
            most_failed=row.version.most_failed, passes=row.passes,
            holds=not row.passes and is_holding(row.version.holds_from, row.checked), examples=_examples(row),
        )
        for row in (rows if run else ())
    )  # fmt: skip


def figures() -> QualityFigures:
    """Return what the newest whole run found, as sums; zeros before the first."""
    newest = Run.objects.filter(load_uuid=None, batch_uuid=None).order_by("-pk").first()
    rows = list(RuleFigure.objects.filter(run=newest, checked__gt=0).values_list("passes", "checked")) if newest else []
    return QualityFigures(
        asked=len(rows), holding=sum(passes for passes, _ in rows), checked=sum(checked for _, checked in rows)
    )


def _require(actor: Actor) -> None:
    if not policies.can_watch(actor):
        raise AccessDenied("数据质量只对运营人员开放")


def _rule(actor: Actor, one: RuleVersion, points: list[Point], lapse: LapseView | None) -> RuleView:
    return RuleView(
        code=one.code, dimension=Dimension(one.dimension), subject_label=Subject(one.subject).label, label=one.label,
        meaning=one.meaning, source=one.source, is_example=one.is_example, most_failed=one.most_failed,
        days_to_mend=one.days_to_mend, holds_from=one.holds_from, owner_id=one.owner_id, owner_name=_name(one),
        lapse=lapse, latest=points[-1] if points else None, trend=tuple(points),
        acts=frozenset({QualityAct.RULE_SET, QualityAct.RUN_ASK}) if policies.can_set(actor) else frozenset(),
    )  # fmt: skip


def _point(row: RuleFigure) -> Point:
    return Point(
        at=row.run.begun_at, trigger_label=Trigger(row.run.trigger).label, is_whole=row.run.is_whole,
        checked=row.checked, failed=row.failed, share=Figure(row.code, row.checked, row.failed, ()).share,
        most_failed=row.version.most_failed, passes=row.passes,
    )  # fmt: skip


def _examples(row: RuleFigure) -> tuple[ExampleView, ...]:
    ids = {firm for firm, _ in row.examples if firm is not None}
    firms = {one.id: one for one in parties_queries.organisations(ids)} if ids else {}
    return tuple(
        ExampleView(firms[firm].credit_code if firm in firms else "", firms[firm].name if firm in firms else "", text)
        for firm, text in row.examples
    )


def _terms(one: RuleVersion, names: Mapping[str, str]) -> TermsView:
    return TermsView(
        valid_from=one.valid_from, most_failed=one.most_failed, days_to_mend=one.days_to_mend, owner_name=_name(one),
        origin_label=Origin(one.origin).label, reason=one.source,
        set_by=names[one.set_by_label] if one.origin == Origin.OPERATOR else "",
    )  # fmt: skip


def _name(one: RuleVersion | Lapse) -> str:
    return one.owner.full_name if one.owner else ""


def _lapses(actor: Actor, code: str) -> list[LapseView]:
    rows = list(Lapse.objects.filter(code=code).select_related("owner").order_by("-pk")[:HISTORY])
    lines: dict[int, list[LapseLine]] = {}
    for line in LapseLine.objects.filter(lapse__in=rows).select_related("by").order_by("pk"):
        lines.setdefault(line.lapse_id, []).append(line)
    return [_lapse(actor, row, lines.get(row.pk, [])) for row in rows]


def _lapse(actor: Actor, row: Lapse, lines: Iterable[LapseLine]) -> LapseView:
    may_measure = row.state == LapseState.OPEN and policies.can_measure(actor, row.owner_id)
    return LapseView(
        uuid=row.uuid, state=LapseState(row.state), opened_at=row.opened_at, due_at=row.due_at,
        mended_at=row.mended_at, owner_name=_name(row),
        lines=tuple(
            LineView(one.at, one.by.full_name if one.by else "", LineKind(one.kind).label, one.text) for one in lines
        ),
        acts=frozenset({QualityAct.LAPSE_MEASURE}) if may_measure else frozenset(),
    )  # fmt: skip
