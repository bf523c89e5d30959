"""Rules as a pack writes them, read and tried before they are taken."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from finmart.centres.data.quality.rules.checks import spoken
from finmart.centres.data.quality.rules.tables import FIRM, columns_of, empty
from finmart.centres.data.quality.types import Dimension, RuleText, Subject, UnableToSet

MOST_DAYS = 365
MOST_ROWS = 1_000_000
_ANY_DAY = date(2000, 1, 1)


def read(row: dict[str, Any]) -> RuleText:
    """Return a rule of a pack. Raises UnableToSet, naming the rule, for what cannot be read or names no column."""
    code = str(row.get("code", ""))
    try:
        rule = RuleText(
            code=code, dimension=Dimension(row["dimension"]), subject=Subject(row["subject"]),
            label=row["label"], meaning=row["meaning"], when=tuple(row.get("when", ())), check=dict(row["check"]),
            most_failed=share(row["most_failed"]), days_to_mend=days(row["days_to_mend"]),
            source=row["source"], is_example=row["example"], valid_from=row["valid_from"],
            holds_from=rows_to_hold(row.get("holds_from", 0)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise UnableToSet(f"质量规则“{code}”不完整或有误：{error}", field="rules", remedy="请核对配置包") from error
    try_on_nothing(rule)
    return rule


def try_on_nothing(rule: RuleText) -> None:
    """Raise UnableToSet where the rule names a column its subject does not have, or compares what cannot be."""
    said = spoken(rule.check, rule.when, _ANY_DAY)
    missing = [name for name in said.reads if name not in {FIRM, *columns_of(rule.subject)}]
    if missing:
        raise UnableToSet(
            f"质量规则“{rule.code}”引用了“{rule.subject.label}”没有的列：{'、'.join(missing)}",
            field="rules",
            remedy=f"可用的列：{'、'.join(columns_of(rule.subject))}",
        )
    try:
        empty(rule.subject).lazy().select(said.speaks.sum(), (said.speaks & ~said.holds).sum().alias("fails")).collect()
    except Exception as error:  # whatever the columnar engine says of what it cannot type
        raise UnableToSet(
            f"质量规则“{rule.code}”的检查与列的类型不符：{error}", field="rules", remedy="请核对配置包"
        ) from error


def share(text: object) -> Decimal:
    """Return a share from 0 to 1. Raises UnableToSet."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        value = Decimal(-1)
    if not (value.is_finite() and 0 <= value <= 1 and value == round(value, 6)):
        raise UnableToSet("允许的不合格比例应在 0 与 1 之间，最多六位小数", field="most_failed")
    return value


def rows_to_hold(number: object) -> int:
    """Return from how many rows on a batch that fails is held, 0 for never. Raises UnableToSet."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST_ROWS:
        raise UnableToSet(f"holds_from 应为 0 至 {MOST_ROWS} 的整数", field="holds_from")
    return number


def is_holding(holds_from: int, checked: int) -> bool:
    """Is a batch held that fails the rule, with so many rows checked?"""
    return 0 < holds_from <= checked


def days(number: object) -> int:
    """Return a number of working days. Raises UnableToSet."""
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_DAYS:
        raise UnableToSet(f"整改期限应为 1 至 {MOST_DAYS} 个工作日", field="days_to_mend")
    return number
