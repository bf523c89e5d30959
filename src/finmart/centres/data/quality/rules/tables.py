"""The tables that rules are asked of, and what their columns are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from finmart.centres.data.profiles.types import FACT_TYPES, FactKind
from finmart.centres.data.quality.types import Subject
from finmart.centres.data.sources.types import Direction, LoadKind

NUMBER, TEXT, DAY, YES_NO = pl.Float64, pl.String, pl.Date, pl.Boolean
FIRM = "organisation_id"
IS_NEW = pl.col("is_new")  # of a batch's facts: what it brings, beside what is there already


@dataclass(frozen=True, slots=True)
class Shown:
    """How a column is written in an example.

    ``is_open``: its texts are words of a closed list (``words`` code → label), shown as they are.
    """

    label: str
    unit: str = ""
    is_open: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


_INVOICES: dict[str, tuple[pl.DataType | type[pl.DataType], Shown]] = {
    "direction": (TEXT, Shown("方向", is_open=True, words=dict(Direction.choices()))),
    "number": (TEXT, Shown("发票号码")),
    "issued_on": (DAY, Shown("开票日期")),
    "amount_fen": (pl.Int64, Shown("金额", "元")),
    "tax_fen": (pl.Int64, Shown("税额", "元")),
    "total_fen": (pl.Int64, Shown("价税合计", "元")),
    "is_void": (YES_NO, Shown("作废")),
    "is_effective": (YES_NO, Shown("有效")),
}
_LOADS: dict[str, tuple[pl.DataType | type[pl.DataType], Shown]] = {
    "kind": (TEXT, Shown("类型", is_open=True, words=dict(LoadKind.choices()))),
    "is_held": (YES_NO, Shown("暂存待核")),
    "age_days": (NUMBER, Shown("距今", "天")),
    "rows": (NUMBER, Shown("行数", "行")),
    "rejected": (NUMBER, Shown("无法识别", "行")),
    "duplicates": (NUMBER, Shown("重复", "行")),
}
_FACTS: dict[str, tuple[pl.DataType | type[pl.DataType], Shown]] = {
    "fact_type": (
        TEXT,
        Shown("数据项", is_open=True, words={code: kind.label for code, kind in FACT_TYPES.items()}),
    ),
    "source": (TEXT, Shown("来源", is_open=True)),
    "as_of_on": (DAY, Shown("截至")),
    "number": (NUMBER, Shown("数值")),
    "previous_number": (NUMBER, Shown("本来源上期")),
    "is_known": (YES_NO, Shown("已知")),
}


def columns_of(subject: Subject) -> dict[str, tuple[pl.DataType | type[pl.DataType], Shown]]:
    """Return column → (type, how it is shown) of a subject's table, the firm's own column aside."""
    match subject:
        case Subject.INVOICES:
            return _INVOICES
        case Subject.LOADS:
            return _LOADS
        case Subject.FACTS:
            return _FACTS
        case Subject.FIRMS:
            return {
                code: (_type_of(kind.kind), Shown(kind.label, kind.unit, bool(kind.choices), dict(kind.choices)))
                for code, kind in FACT_TYPES.items()
                if kind.kind is not FactKind.SERIES
            }


def _type_of(kind: FactKind) -> pl.DataType | type[pl.DataType]:
    match kind:
        case FactKind.INTEGER | FactKind.DECIMAL:
            return NUMBER
        case FactKind.DATE:
            return DAY
        case _:
            return TEXT


def empty(subject: Subject) -> pl.DataFrame:
    """Return the subject's table without rows."""
    return pl.DataFrame(schema={FIRM: pl.Int64} | {name: kind for name, (kind, _) in columns_of(subject).items()})
