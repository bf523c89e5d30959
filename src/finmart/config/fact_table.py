"""The table of fact types as the document docs/algorithms/profile.md prints it."""

from collections.abc import Iterator

from finmart.centres.data.profiles.types import FACT_TYPES, FactType


def lines() -> Iterator[str]:
    """Yield the Markdown lines of the table, a heading for each group."""
    group = ""
    for kind in FACT_TYPES.values():
        if kind.group != group:
            group = kind.group
            yield from (
                "",
                f"### {group}",
                "",
                "| code | 名称 | 单位 | 级别 | 来源 | 公式 |",
                "|---|---|---|---|---|---|",
            )
        unit = kind.unit or kind.kind.label
        yield f"| `{kind.code}` | {kind.label} | {unit} | {kind.grade} | {_source(kind)} | {kind.formula} |"


def _source(kind: FactType) -> str:
    if kind.is_computed:
        return "增值税发票"
    if kind.is_derived:
        return "由其他数据项得出"
    return "供数单位" if kind.is_supplied else "登记机关、供数单位或企业自报"
