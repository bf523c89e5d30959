"""What a consent may allow and whether it covers a request. Pure: days and moments come in."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from finmart.centres.data.consents.types import (
    ConsentState,
    Purpose,
    PurposeBounds,
    Shortfall,
    UnableToGrant,
    VolumeBounds,
)

# Defaults of ours (the shape is that of Account Aggregator fair use); pack and operator may set them tighter or wider.
DEFAULT_BOUNDS: dict[str, PurposeBounds] = {
    Purpose.AFTER_LOAN: PurposeBounds(1100, 6, 5, 180),
    Purpose.GUARANTEE_REVIEW: PurposeBounds(92, 36, 0, 30),
    Purpose.INSURANCE_UNDERWRITING: PurposeBounds(92, 36, 0, 30),
    Purpose.INVESTMENT_REVIEW: PurposeBounds(184, 36, 0, 30),
    Purpose.LOAN_REVIEW: PurposeBounds(184, 36, 0, 30),
}
BOUND_NAMES = ("most_days", "most_months_back", "most_calls_a_month", "most_keep_days")
MOST_FACT_TYPES = 400
DEFAULT_VOLUME = VolumeBounds(1000, 200)  # defaults of ours as well


def check_terms(
    bounds: PurposeBounds, *, fact_types: Iterable[str], months_back: int, now: datetime, valid_to: datetime,
    keep_days: int,
) -> None:  # fmt: skip
    """Raise UnableToGrant, naming the field, where a consent would allow nothing or more than its purpose may."""
    named = list(fact_types)
    if not named or len(named) > MOST_FACT_TYPES or not all(0 < len(code) <= 60 for code in named):
        raise UnableToGrant("请选择要授权的数据项", field="fact_types", remedy="至少选择一项")
    if valid_to <= now:
        raise UnableToGrant("授权截止时间必须晚于现在", field="valid_to")
    if valid_to - now > timedelta(days=bounds.most_days):
        raise UnableToGrant(
            f"该用途的授权最长 {bounds.most_days} 天", field="valid_to", remedy="请缩短授权期限，到期后可以续签"
        )
    if not 1 <= months_back <= bounds.most_months_back:
        raise UnableToGrant(
            f"该用途可查询的数据范围为 1 至 {bounds.most_months_back} 个月",
            field="months_back",
            remedy="请缩小数据范围",
        )
    if not 1 <= keep_days <= bounds.most_keep_days:
        raise UnableToGrant(
            f"该用途的副本最多留存 {bounds.most_keep_days} 天", field="keep_days", remedy="请缩短留存期限"
        )


def fewer(one: int, other: int) -> int:
    """Return the tighter of two limits, where 0 is none."""
    return min((limit for limit in (one, other) if limit > 0), default=0)


def is_beyond(bounds: PurposeBounds, *, valid_from: datetime, now: datetime) -> bool:
    """Has a consent lived longer than its purpose allows today, whatever was allowed when it was signed?"""
    return now - valid_from > timedelta(days=bounds.most_days)


def state_of(*, now: datetime, valid_from: datetime, valid_to: datetime, withdrawn_at: datetime | None) -> ConsentState:
    """Return the state at a moment; an end is exclusive."""
    if withdrawn_at is not None and withdrawn_at <= now:
        return ConsentState.WITHDRAWN
    return ConsentState.IN_FORCE if valid_from <= now < valid_to else ConsentState.ENDED


def months_before(day: date, months: int) -> date:
    """Return the same day ``months`` earlier, or the nearest day that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    start = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return start + timedelta(days=min(day.day, (following - start).days) - 1)


def beyond_volume(bounds: VolumeBounds, *, by_institution: int, by_person: int) -> Shortfall | None:
    """Return why one firm more would be too many today, None where it is not; the counts are without that firm."""
    if by_person >= bounds.by_person:
        return Shortfall.TOO_MANY_BY_PERSON
    return Shortfall.TOO_MANY_FIRMS if by_institution >= bounds.by_institution else None
