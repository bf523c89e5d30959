"""The words of feeds: who supplies what, in which columns, and how far a batch has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finmart.kit.codes import Code


class FeedKind(Code):
    DEPARTMENT = "DEPARTMENT", "政府部门"
    PLATFORM = "PLATFORM", "地方平台"


class FeedState(Code):
    """What people and the platform decided of a feed; whether its supplier answers is another matter."""

    ACTIVE = "ACTIVE", "启用"
    PAUSED = "PAUSED", "已暂停"
    STOPPED = "STOPPED", "结构变化，已停止"


class BatchState(Code):
    """RECEIVING until every record announced is here; then judged. Only the records of LOADED ones become facts."""

    HELD = "HELD", "暂存待核"
    LOADED = "LOADED", "已入库"
    RECEIVED = "RECEIVED", "已收齐"
    RECEIVING = "RECEIVING", "接收中"
    REFUSED = "REFUSED", "已拒收"


class ColumnKind(Code):
    """What the value of a column is, as it travels: DATE as ``2026-10-31``, YUAN as a decimal text."""

    BOOLEAN = "BOOLEAN", "是否"
    DATE = "DATE", "日期"
    DECIMAL = "DECIMAL", "小数"
    INTEGER = "INTEGER", "整数"
    TEXT = "TEXT", "文字"
    YUAN = "YUAN", "金额（元）"


@dataclass(frozen=True, slots=True)
class Column:
    """One column a feed is agreed to bring; ``fact_type`` is the code of the fact its values become."""

    name: str
    label: str
    kind: ColumnKind
    fact_type: str

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Column":
        return cls(stored["name"], stored["label"], ColumnKind(stored["kind"]), stored["fact_type"])

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "label": self.label, "kind": str(self.kind), "fact_type": self.fact_type}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a batch; ``reason`` is a sentence for people where it is to be held."""

    is_to_be_held: bool = False
    reason: str = ""
