"""From the bytes of a CSV, XLSX or Parquet file to a table; what cannot be read is refused in one sentence."""

import codecs
import csv
import io
import re

import fastexcel
import polars as pl
from polars.exceptions import PolarsError

from finmart.centres.data.sources.types import SourceFile, UnableToLoad

MOST_BYTES = 200 * 1024 * 1024  # a default of ours
_PARQUET_MARK = b"PAR1"
_ZIP_MARK = b"PK\x03\x04"
_CHINESE = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")  # U+3000 to U+9FFF and the full-width forms
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
    except (PolarsError, fastexcel.FastExcelError, OSError, ValueError, csv.Error) as error:
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
    text = decoded(file)
    heading = text.split("\n", 1)[0]
    separator = max(",\t;", key=heading.count)
    _check_whole(file, text, separator)
    return pl.read_csv(io.BytesIO(text.encode()), infer_schema=False, separator=separator)


def ends_open(file: SourceFile) -> bool:
    """Does the file's text end without an end of line, as one that was cut off does? Not asked of other formats."""
    is_text = not file.content.startswith((_PARQUET_MARK, _ZIP_MARK))
    return is_text and not file.content.endswith((b"\n", b"\r"))


def incomplete(file: SourceFile, why: str) -> UnableToLoad:
    """Return the refusal of a file that was cut off."""
    return UnableToLoad(f"文件 {file.name} 不完整：{why}，可能没有传完", field="file", remedy=_AGAIN)


def _check_whole(file: SourceFile, text: str, separator: str) -> None:
    """Raise UnableToLoad where the text ends inside a row: no end of line, and fewer fields than the heading has.

    Who cuts a file at the very end of a row leaves nothing to see; loading the whole file later adds what was missing.
    """
    if text.endswith(("\n", "\r")):
        return
    row = text.count("\n") + 1
    if text.count('"') % 2:
        raise incomplete(file, f"最后一行（第 {row} 行）的引号没有成对")
    latest = text.rsplit("\n", 1)[-1]
    if row == 1 or latest.count('"') % 2:
        return
    heading, fields = (len(next(csv.reader([line], delimiter=separator))) for line in (text.split("\n", 1)[0], latest))
    if fields < heading:
        raise incomplete(file, f"最后一行（第 {row} 行）只有 {fields} 列，应有 {heading} 列")


def decoded(file: SourceFile) -> str:
    """Return the text of a file that is all UTF-8 (with or without a mark at its start) or all GB18030.

    Raises UnableToLoad where a file mixes the two, is cut inside a character, or is neither; the row is named.
    """
    content = file.content.removeprefix(codecs.BOM_UTF8)
    try:
        return _plain(file, content.decode())
    except UnicodeDecodeError as error:
        _check_cut(file, content, error)
    rows = content.split(b"\n")
    is_utf_8 = [_is_chinese_utf_8(row) for row in rows]
    unlike = [place for place, row in enumerate(rows) if not is_utf_8[place] and not _reads(row, "utf-8")]
    if file.content.startswith(codecs.BOM_UTF8) or any(is_utf_8):
        first = unlike[0] + 1
        kind = "GB18030（GBK）" if _reads(rows[unlike[0]], "gb18030") else "无法识别的"
        raise UnableToLoad(
            f"文件 {file.name} 混用了不同的编码：大体是 UTF-8，第 {first} 行是{kind}编码",
            field="file",
            remedy="请整个文件统一另存为 CSV（UTF-8）后再导入；本次没有改动任何数据",
        )
    try:
        return _plain(file, content.decode("gb18030"))
    except UnicodeDecodeError as error:
        if error.reason == "incomplete multibyte sequence" and error.start:
            row = content.count(b"\n") + 1
            raise incomplete(file, f"在第 {row} 行的一个字中间断开") from error
        raise _no_text(file) from error


def _plain(file: SourceFile, text: str) -> str:
    if "\x00" in text:
        raise _no_text(file)
    return text.replace("\ufeff", "")  # files joined end to end bring their marks along


def _no_text(file: SourceFile) -> UnableToLoad:
    return UnableToLoad(
        f"文件 {file.name} 不是文本：既不是 UTF-8 也不是 GBK 编码", field="file",
        remedy="请另存为 CSV（UTF-8）、XLSX 或 Parquet 后再导入；本次没有改动任何数据",
    )  # fmt: skip


def _check_cut(file: SourceFile, content: bytes, error: UnicodeDecodeError) -> None:
    """Raise UnableToLoad where all but the last few bytes is UTF-8 that tells Chinese: the file was cut there."""
    is_at_end = error.end == len(content) and error.reason == "unexpected end of data"
    if is_at_end and _is_chinese_utf_8(content[: error.start]):
        row = content.count(b"\n") + 1
        raise incomplete(file, f"在第 {row} 行的一个字中间断开") from error


def _is_chinese_utf_8(row: bytes) -> bool:
    """Is this UTF-8 with at least one Chinese character or sign? GB18030 text is not, but for odd chance."""
    return _CHINESE.search(row) is not None and _reads(row, "utf-8")


def _reads(row: bytes, encoding: str) -> bool:
    try:
        row.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
