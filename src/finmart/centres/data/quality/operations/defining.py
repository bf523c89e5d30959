"""Where rules come from: a city's pack, and what the operator set since."""

import tomllib
from datetime import date
from decimal import Decimal
from importlib import resources

from django.db import connection

from finmart.centres.data.quality import policies
from finmart.centres.data.quality.models import RuleVersion
from finmart.centres.data.quality.queries.versions import rules_in_force
from finmart.centres.data.quality.queries.watching import owners_for
from finmart.centres.data.quality.rules import definitions
from finmart.centres.data.quality.types import Origin, QualityAct, RuleText, UnableToSet
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound

_SETTING = 7_301_011  # any number, as long as nothing else locks it
LEAST_WORDS, MOST_WORDS = 5, 300


def load_rules(actor: Actor, city: str) -> int:
    """Bring in the rules of ``packs/<city>/quality.toml``; return how many versions are new.

    Loading twice changes nothing. Threshold, days and owner that an operator set stay as they were set; a rule that
    the pack no longer holds is retired from today on. Raises AccessDenied for people, NotFound without the file,
    UnableToSet for a rule that cannot be read, names a column there is none of, or is there twice.
    """
    transactions.require()
    if not policies.can_load_rules(actor):
        raise AccessDenied("质量规则只由平台在升级时装载")
    _one_at_a_time()
    file = resources.files("finmart") / "packs" / city / "quality.toml"
    if not city.isidentifier() or not file.is_file():
        raise NotFound(f"没有城市配置包“{city[:40]}”的 quality.toml", remedy="请检查 FINMART_CITY")
    rules = [definitions.read(row) for row in tomllib.loads(file.read_text(encoding="utf-8"))["rules"]]
    keys = [(rule.code, rule.valid_from) for rule in rules]
    if len(set(keys)) < len(keys):
        twice = next(code for code, _ in keys if [one for one, _ in keys].count(code) > 1)
        raise UnableToSet(f"质量规则“{twice}”在同一天写了两次", field="rules", remedy="请核对配置包")
    added = sum(_bring_in(actor, rule) for rule in rules) + _retire(actor, {rule.code for rule in rules})
    if added:
        audit_operations.record(actor, QualityAct.RULES_LOAD, f"pack:{city}", rules=len(rules), added=added)
    return added


def set_terms(
    actor: Actor,
    code: str,
    *,
    most_failed: Decimal,
    days_to_mend: int,
    owner_id: int | None,
    valid_from: date,
    reason: str,
) -> None:
    """Set from a day on (today or later) what a rule allows, who answers for it and how long mending may take.

    Raises AccessDenied, NotFound; UnableToSet for a share outside 0 to 1, an owner who is not of the operator, a day
    that has passed, or too few words of reason.
    """
    transactions.require()
    if not policies.can_set(actor):
        raise AccessDenied("质量规则只由运营人员设定")
    _one_at_a_time()
    current = rules_in_force(valid_from).get(code)
    if current is None:
        raise NotFound("没有找到该质量规则")
    if valid_from < clock.today():
        raise UnableToSet("生效日期不能早于今天", field="valid_from")
    words = " ".join(reason.split())
    if not LEAST_WORDS <= len(words) <= MOST_WORDS:
        raise UnableToSet(f"请写明依据，{LEAST_WORDS} 至 {MOST_WORDS} 字", field="reason")
    if owner_id is not None and owner_id not in {one.id for one in owners_for(actor)}:
        raise UnableToSet("责任人须是本运营机构的人员", field="owner")
    _copy(
        actor, current, most_failed=definitions.share(most_failed), days_to_mend=definitions.days(days_to_mend),
        owner_id=owner_id, valid_from=valid_from, source=words, origin=Origin.OPERATOR,
    )  # fmt: skip
    audit_operations.record(
        actor, QualityAct.RULE_SET, f"rule:{code}", most_failed=str(most_failed), days=days_to_mend,
        owner=owner_id, valid_from=valid_from.isoformat(), reason=words,
    )  # fmt: skip


def _bring_in(actor: Actor, rule: RuleText) -> int:
    known = RuleVersion.objects.filter(code=rule.code).order_by("valid_from", "pk")
    same = [one for one in known if one.origin == Origin.PACK and one.valid_from == rule.valid_from]
    if same and not same[-1].is_retired and _says(same[-1], rule):
        return 0
    set_by_operator = [one for one in known if one.origin == Origin.OPERATOR]
    # What people decided outlives a new wording: a version of theirs follows with the pack's check in it.
    made = RuleVersion.objects.create(
        code=rule.code, valid_from=rule.valid_from, dimension=rule.dimension, subject=rule.subject, label=rule.label,
        meaning=rule.meaning, body={"when": list(rule.when), "check": rule.check}, most_failed=rule.most_failed,
        days_to_mend=rule.days_to_mend, holds_from=rule.holds_from, source=rule.source,
        is_example=rule.is_example, origin=Origin.PACK, set_by_label=actor.label, set_at=clock.now(),
    )  # fmt: skip
    for one in set_by_operator:
        _copy(
            actor, made, most_failed=one.most_failed, days_to_mend=one.days_to_mend, owner_id=one.owner_id,
            valid_from=max(one.valid_from, rule.valid_from), source=one.source, origin=Origin.OPERATOR,
            set_by_label=one.set_by_label,
        )  # fmt: skip
    return 1


def _says(version: RuleVersion, rule: RuleText) -> bool:
    return (
        version.body == {"when": list(rule.when), "check": rule.check}
        and (version.dimension, version.subject, version.label, version.meaning, version.source)
        == (rule.dimension, rule.subject, rule.label, rule.meaning, rule.source)
        and (version.most_failed, version.days_to_mend, version.holds_from, version.is_example)
        == (rule.most_failed, rule.days_to_mend, rule.holds_from, rule.is_example)
    )


def _retire(actor: Actor, kept: set[str]) -> int:
    gone = [one for code, one in rules_in_force(clock.today()).items() if code not in kept]
    for one in gone:
        _copy(actor, one, valid_from=clock.today(), is_retired=True, origin=Origin.PACK)
    return len(gone)


def _copy(actor: Actor, version: RuleVersion, **changed: object) -> None:
    names = [field.attname for field in RuleVersion._meta.concrete_fields if field.attname != "id"]  # noqa: SLF001
    same = {name: getattr(version, name) for name in names}
    RuleVersion.objects.create(**same | {"set_by_label": actor.label, "set_at": clock.now()} | changed)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SETTING])
