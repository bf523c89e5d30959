"""Invoice files for tests, in every format people bring."""

import io

import polars as pl

from finmart.centres.data.sources.types import SourceFile

HEADINGS = ["发票号码", "开票日期", "交易对方", "金额", "税额", "价税合计", "发票状态", "方向"]
SALE = ["00000001", "2019-05-06", "苏州甲公司", "1000.00", "130.00", "1130.00", "有效发票", "销项"]


def sale(**changes):
    """Return one sound row, changed by heading name."""
    return [changes.get(heading, value) for heading, value in zip(HEADINGS, SALE, strict=True)]


def frame_of(*rows, headings=HEADINGS):
    return pl.DataFrame([list(row) for row in rows], schema=list(headings), orient="row")


def invoice_file(*rows, headings=HEADINGS, form="csv"):
    """Return a file of invoice rows as ``csv``, ``bom``, ``gbk``, ``xlsx`` or ``parquet``."""
    frame = frame_of(*rows, headings=headings)
    target = io.BytesIO()
    if form == "parquet":
        frame.write_parquet(target)
    elif form == "xlsx":
        frame.write_excel(target)
    else:
        text = frame.write_csv()
        encoding = {"csv": "utf-8", "bom": "utf-8-sig", "gbk": "gbk"}[form]
        return SourceFile("发票.csv", text.encode(encoding))
    return SourceFile(f"发票.{form}", target.getvalue())
