"""The words of parameters: kinds of setting, units of time, what a page may show."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from finmart.centres.technical.parameters.types.working_time import Unit, WorkingCalendar
from finmart.kit.codes import Code
from finmart.kit.errors import Refusal

__all__ = [
    "Cluster", "DayView", "Deadline", "District", "ParametersAct", "SettingKind", "SettingOrigin", "SettingValue",
    "SettingView", "UnableToSet", "Unit", "WorkingCalendar",
]  # fmt: skip

SettingValue = int | Decimal | bool | str | tuple[str, ...]


class ParametersAct(StrEnum):
    """Audit tags and permissions of this centre."""

    DAY_SET = "parameters:day:set"
    PACK_LOAD = "parameters:pack:load"
    SETTING_CORRECT = "parameters:setting:correct"
    SETTING_SET = "parameters:setting:set"


class SettingKind(Code):
    """What a value is. A DECIMAL is stored as text, so that 0.10 stays 0.10."""

    BOOLEAN = "BOOLEAN", "是或否"
    DECIMAL = "DECIMAL", "小数"
    INTEGER = "INTEGER", "整数"
    TEXT = "TEXT", "文字"
    TEXTS = "TEXTS", "多项文字"


class SettingOrigin(Code):
    OPERATOR = "OPERATOR", "运营设置"
    PACK = "PACK", "城市配置包"


@dataclass(frozen=True, slots=True)
class District:
    """One of the city's districts; ``code`` is its division code (six digits)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """An industry cluster (产业创新集群). ``is_example`` until the operator enters the city's own list.

    ``industries`` are the beginnings of the GB/T 4754 codes that belong to it.
    """

    code: str
    name: str
    is_example: bool
    industries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a step may take. ``is_pausable``: the clock stops while another party owes something."""

    amount: int
    unit: Unit
    is_pausable: bool
    source: str


@dataclass(frozen=True, slots=True)
class SettingView:
    """One version of a setting, with the acts this actor may do (``ParametersAct`` tags)."""

    key: str
    kind: SettingKind
    value: SettingValue
    unit: str
    label: str
    source: str
    is_example: bool
    is_pausable: bool | None
    origin: SettingOrigin
    valid_from: date
    valid_to: date | None
    minimum: Decimal | None
    maximum: Decimal | None
    set_by: str
    withdrawn_at: datetime | None
    acts: frozenset[str]

    @property
    def shown(self) -> str:
        """The value as a person writes it."""
        if isinstance(self.value, bool):
            return "是" if self.value else "否"
        return "、".join(self.value) if isinstance(self.value, tuple) else str(self.value)

    @property
    def unit_label(self) -> str:
        return Unit(self.unit).label if self.unit in set(Unit) else {"MONTHS": "个月"}.get(self.unit, self.unit)

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of the working calendar. ``is_announced`` is False where only the weekday is known."""

    on: date
    is_working: bool
    name: str
    source: str
    is_announced: bool


class UnableToSet(Refusal):
    """The value does not fit the setting, or the date lies in the past."""

    code = "UNABLE_TO_SET"
