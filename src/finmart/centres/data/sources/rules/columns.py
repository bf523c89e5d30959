"""What a column may be called in a file that people bring."""

import polars as pl

from finmart.centres.data.sources.types import UnableToLoad

INVOICE_COLUMNS: dict[str, tuple[str, ...]] = {
    "enterprise": ("enterprise", "企业代号", "企业", "统一社会信用代码"),
    "number": ("invoice_no", "number", "发票号码", "发票号", "数电票号码"),
    "issued_on": ("issued_on", "date", "开票日期", "日期"),
    "counterparty": ("counterparty", "交易对方", "对方名称", "对方单位代号"),
    "buyer": ("buyer", "购方名称", "购买方名称", "购方单位代号", "购方单位代码"),
    "seller": ("seller", "销方名称", "销售方名称", "销方单位代号", "销方单位代码"),
    "amount": ("amount", "金额", "不含税金额"),
    "tax": ("tax", "税额"),
    "total": ("total", "价税合计", "合计"),
    "status": ("status", "发票状态", "状态"),
    "direction": ("direction", "方向", "进销项", "发票方向"),
}
FIRM_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("enterprise", "code", "企业代号"),
    "name": ("name", "企业名称", "名称"),
    "credit_code": ("credit_code", "统一社会信用代码", "信用代码"),
    "district": ("district", "所属区县", "区县", "所在区"),
    "rating": ("rating", "信誉评级"),
    "defaulted": ("defaulted", "是否违约"),
}
LABELS = {
    "enterprise": "企业代号", "number": "发票号码", "issued_on": "开票日期", "counterparty": "交易对方",
    "amount": "金额", "tax": "税额", "total": "价税合计", "status": "发票状态", "direction": "方向",
    "code": "企业代号", "name": "企业名称", "credit_code": "统一社会信用代码", "rating": "信誉评级",
    "defaulted": "是否违约",
}  # fmt: skip


def with_known_names(
    frame: pl.DataFrame, aliases: dict[str, tuple[str, ...]], required: tuple[str, ...], *, file: str
) -> pl.DataFrame:
    """Return the frame with our column names, only those we know. Raises UnableToLoad naming what is missing.

    A file with a buyer's column and no direction holds sales; one with a seller's column, purchases.
    """
    headings = {heading.strip().lower(): heading for heading in frame.columns}
    found = {
        headings[alias]: name
        for name, names in aliases.items()
        for alias in [next((n for n in names if n in headings), "")]
        if alias
    }
    known = _with_direction(frame.select(list(found)).rename(found))
    _check_types(known, file)
    missing = [name for name in required if name not in known.columns]
    if missing:
        wanted = "、".join(f"“{LABELS[name]}”（{aliases[name][0]}）" for name in missing)
        raise UnableToLoad(
            f"文件 {file} 缺少列：{wanted}",
            field="file",
            remedy=f"该文件的列是：{'、'.join(frame.columns)}。请补上所缺的列后重新导入；本次没有改动任何数据",
        )
    return known


def _check_types(frame: pl.DataFrame, file: str) -> None:
    odd = [LABELS.get(name, name) for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    if odd:
        raise UnableToLoad(
            f"文件 {file} 中“{'、'.join(odd)}”列的内容不是文字、数字或日期",
            field="file",
            remedy="请把这些列改为普通的值后重新导入；本次没有改动任何数据",
        )


def _with_direction(frame: pl.DataFrame) -> pl.DataFrame:
    for column, direction in (("buyer", "OUT"), ("seller", "IN")):
        other = {"buyer": "seller", "seller": "buyer"}[column]
        if column in frame.columns and other not in frame.columns and "counterparty" not in frame.columns:
            frame = frame.rename({column: "counterparty"})
            if "direction" not in frame.columns:
                frame = frame.with_columns(pl.lit(direction).alias("direction"))
    return frame
