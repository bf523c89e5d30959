"""From the bytes of a CSV, XLSX or Parquet file to a table; what cannot be read is refused in one sentence."""

import io

import fastexcel
import polars as pl
from polars.exceptions import PolarsError

from finmart.centres.data.sources.types import SourceFile, UnableToLoad

MOST_BYTES = 200 * 1024 * 1024  # a default of ours
_PARQUET_MARK = b"PAR1"
_ZIP_MARK = b"PK\x03\x04"
_AGAIN = "请重新导出或重新传输该文件后再导入；本次没有改动任何数据"


def table_of(file: SourceFile) -> pl.DataFrame:
    """Return the file's table; CSV and XLSX columns as text, Parquet columns as they are typed.

    Raises UnableToLoad for an empty, cut-off, disguised or over-large file.
    """
    if not file.content:
        raise UnableToLoad(f"文件 {file.name} 是空的", field="file", remedy=_AGAIN)
    if len(file.content) > MOST_BYTES:
        raise UnableToLoad(
            f"文件 {file.name} 超过 {MOST_BYTES // 1024 // 1024} MB", field="file", remedy="请按年份拆分后分别导入"
        )
    name = file.name.lower()
    try:
        if name.endswith(".parquet") or file.content.startswith(_PARQUET_MARK):
            return _parquet(file)
        if name.endswith(".xlsx") or file.content.startswith(_ZIP_MARK):
            return _spreadsheet(file)
        return _text(file)
    except (PolarsError, fastexcel.FastExcelError, OSError, ValueError) as error:
        raise UnableToLoad(f"文件 {file.name} 已损坏或不完整，无法读取", field="file", remedy=_AGAIN) from error


def _parquet(file: SourceFile) -> pl.DataFrame:
    if not file.content.startswith(_PARQUET_MARK):
        raise UnableToLoad(f"文件 {file.name} 不是 Parquet 文件（开头标记不对）", field="file", remedy=_AGAIN)
    if not file.content.endswith(_PARQUET_MARK):
        raise UnableToLoad(f"文件 {file.name} 不完整：缺少 Parquet 的结尾，可能没有传完", field="file", remedy=_AGAIN)
    return pl.read_parquet(io.BytesIO(file.content))


def _spreadsheet(file: SourceFile) -> pl.DataFrame:
    if not file.content.startswith(_ZIP_MARK):
        raise UnableToLoad(f"文件 {file.name} 不是 XLSX 工作簿", field="file", remedy=_AGAIN)
    return pl.read_excel(io.BytesIO(file.content), engine="calamine", infer_schema_length=0)


def _text(file: SourceFile) -> pl.DataFrame:
    text = _decoded(file)
    heading = text.split("\n", 1)[0]
    separator = max(",\t;", key=heading.count)
    return pl.read_csv(io.BytesIO(text.encode()), infer_schema=False, separator=separator)


def _decoded(file: SourceFile) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = file.content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnableToLoad(
        f"文件 {file.name} 不是文本：既不是 UTF-8 也不是 GBK 编码", field="file",
        remedy="请另存为 CSV（UTF-8）、XLSX 或 Parquet 后再导入",
    )  # fmt: skip
