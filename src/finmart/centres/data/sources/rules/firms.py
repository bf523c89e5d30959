"""Judging rows of a list of firms."""

import re
from dataclasses import dataclass

import polars as pl
from stdnum.cn import uscc

from finmart.centres.data.sources.rules.made_up_codes import made_up_credit_code
from finmart.centres.data.sources.types import Fault, QualityReport, Sample, UnableToLoad

_CODE = re.compile(r"^[A-Z]{0,2}(\d{1,8})$")
_DEFAULTED = {"是": True, "否": False}
LONGEST_NAME = 180


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A firm to register. ``code`` is the foreign source's own, empty in a user's list."""

    name: str
    credit_code: str
    district: str = ""
    code: str = ""
    rating: str = ""
    defaulted: bool | None = None


def coded_firms(frame: pl.DataFrame, *, file: str) -> list[FirmRow]:
    """Return the firms of a list that knows them by codes (``E1``), each with a made-up credit code.

    Raises UnableToLoad for a code without a number, or one given twice: invoices could not be told apart.
    """
    firms = [_coded(row, file) for row in frame.iter_rows(named=True)]
    codes = [firm.credit_code for firm in firms]
    if len(set(codes)) < len(codes):
        twice = next(firm.code for firm in firms if codes.count(firm.credit_code) > 1)
        raise UnableToLoad(f"文件 {file} 中企业代号 {twice} 重复", field="enterprise", remedy="请保留一行后重新导入")
    return firms


def _coded(row: dict[str, str | None], file: str) -> FirmRow:
    code = (row["code"] or "").strip()
    matched = _CODE.match(code)
    name = " ".join((row["name"] or "").split())
    if not matched or not name or len(name) > LONGEST_NAME or "\x00" in name:
        raise UnableToLoad(
            f"文件 {file} 中企业代号“{code[:20]}”或其名称不正确",
            field="enterprise",
            remedy=f"代号应为字母加数字，如 E12；名称为 1 至 {LONGEST_NAME} 字。本次没有改动任何数据",
        )
    return FirmRow(
        name=f"{name}（{code}）",
        credit_code=made_up_credit_code(int(matched[1])),
        code=code,
        rating=(row.get("rating") or "").strip()[:2],
        defaulted=_DEFAULTED.get((row.get("defaulted") or "").strip()),
    )


def listed_firms(frame: pl.DataFrame) -> tuple[list[FirmRow], QualityReport]:
    """Return the firms of a user's list that can be registered, each once, and what became of the other rows."""
    firms: dict[str, FirmRow] = {}
    faults: dict[str, int] = {}
    samples: list[Sample] = []
    duplicates = 0
    for position, row in enumerate(frame.iter_rows(named=True), start=2):
        name = " ".join((row["name"] or "").split())
        code = uscc.compact(row["credit_code"] or "")
        fault = _fault(name, code)
        if fault:
            faults[fault] = faults.get(fault, 0) + 1
            samples.append(Sample(position, fault, f"{name}｜{code}"[:200]))
        elif code in firms:
            duplicates += 1
        else:
            firms[code] = FirmRow(name, code, (row.get("district") or "").strip()[:40])
    report = QualityReport(
        rows=frame.height, duplicates=duplicates, rejected=sum(faults.values()), faults=faults, samples=samples[:20]
    )
    return list(firms.values()), report


def _fault(name: str, code: str) -> str:
    if not name:
        return Fault.NO_NAME
    if len(name) > 200 or "\x00" in name:
        return Fault.BAD_TEXT
    return "" if uscc.is_valid(code) else Fault.BAD_CREDIT_CODE
