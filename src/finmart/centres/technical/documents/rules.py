"""What a file is by its bytes, and under which name it may be kept. Pure; limits come in."""

import codecs
import re
import unicodedata
import zipfile
import zlib
from typing import IO

import filetype

from finmart.centres.technical.documents.types import AcceptedType, ContentKind, UnableToStore, UploadLimits

CHUNK_BYTES = 1024 * 1024
MOST_NAME_CHARACTERS = 150
MOST_ARCHIVE_ENTRIES = 10_000
MOST_UNPACKED_BYTES = 512 * 1024 * 1024  # a guard of ours against archives that explode

_OOXML = "application/vnd.openxmlformats-officedocument."
KNOWN_TYPES = (
    AcceptedType("pdf", ContentKind.PDF, "application/pdf"),
    AcceptedType("jpg", ContentKind.JPG, "image/jpeg"),
    AcceptedType("jpeg", ContentKind.JPG, "image/jpeg"),
    AcceptedType("png", ContentKind.PNG, "image/png"),
    AcceptedType("xlsx", ContentKind.XLSX, f"{_OOXML}spreadsheetml.sheet"),
    AcceptedType("docx", ContentKind.DOCX, f"{_OOXML}wordprocessingml.document"),
    AcceptedType("csv", ContentKind.TEXT, "text/csv"),
    AcceptedType("txt", ContentKind.TEXT, "text/plain"),
    AcceptedType("ofd", ContentKind.OFD, "application/ofd"),
)

_BY_GUESS = {
    "pdf": ContentKind.PDF,
    "jpg": ContentKind.JPG,
    "png": ContentKind.PNG,
    **dict.fromkeys(("exe", "elf", "wasm", "swf", "crx", "deb", "rpm"), ContentKind.EXECUTABLE),
    **dict.fromkeys(("tar", "rar", "gz", "bz2", "7z", "cab", "xz", "Z", "lz", "lz4", "zst", "ar"), ContentKind.ARCHIVE),
}
_STARTS_OF_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_STARTS_OF_SCRIPTS = ("#!", "<?php", "@echo off", "<script", "<%")
_STARTS_OF_PAGES = ("<!doctype html", "<html", "<head", "<body", "<iframe")
_PROGRAM_ENTRY = re.compile(
    r"(vbaproject\.bin|activex/.*|embeddings/.*\.bin|\.(exe|dll|js|vbs|bat|cmd|ps1|scr|jar|com|msi|lnk|hta|wsf))$",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def normal_name(text: str) -> str:
    """Return a file name that is safe everywhere: no folder, control, bidi or reserved character, ≤ 150 characters.

    Any script stays, also characters outside the basic plane. Raises UnableToStore where nothing is left.
    """
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", text))[-1]
    kept = "".join(
        "_" if character in '<>:"|?*' else character
        for character in base
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    stem, dot, extension = " ".join(kept.split()).strip(". ").rpartition(".")
    if not dot or not stem.strip(". "):
        raise UnableToStore("文件名无效", field="file", remedy="文件名应包含名称和扩展名，例如 营业执照.pdf")
    return f"{stem[: MOST_NAME_CHARACTERS - 1 - len(extension)]}.{extension}"


def accepted_type(name: str, kind: ContentKind, limits: UploadLimits) -> AcceptedType:
    """Return the type under which a file named ``name`` with content ``kind`` is taken, or raise UnableToStore."""
    extension = name.rpartition(".")[2].lower()
    wanted = next((item for item in limits.accepted if item.extension == extension), None)
    if kind == ContentKind.EMPTY:
        raise UnableToStore("文件是空的", field="file", remedy="请检查后重新选择文件")
    if wanted is None:
        raise UnableToStore(
            f"不接受 .{extension[:12]} 文件（内容为{kind.label}）", field="file", remedy=f"可上传的类型：{limits.words}"
        )
    if wanted.kind != kind:
        raise UnableToStore(
            f"文件扩展名是 .{extension}，实际内容却是{kind.label}，不能上传",
            field="file",
            remedy="请上传原始文件，不要修改扩展名；含宏的文件请另存为不含宏的格式",
        )
    return wanted


def recognise(file: IO[bytes]) -> ContentKind:
    """Return what the file is by its bytes. Reads it in pieces; leaves the position anywhere."""
    file.seek(0)
    head = file.read(8192)
    if not head:
        return ContentKind.EMPTY
    if head.startswith(_STARTS_OF_PROGRAMS):
        return ContentKind.EXECUTABLE
    if head.startswith(b"PK"):
        return _recognise_archive(file)
    guess = filetype.guess(head)
    return _recognise_text(file) if guess is None else _BY_GUESS.get(guess.extension, ContentKind.OTHER)


def _recognise_archive(file: IO[bytes]) -> ContentKind:
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            declared = archive.read("[Content_Types].xml").lower() if _readable_list_of_types(archive) else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, zlib.error):
        return ContentKind.OTHER
    return ContentKind.OTHER if _is_hostile(entries) else _kind_of_archive({e.filename for e in entries}, declared)


def _is_hostile(entries: list[zipfile.ZipInfo]) -> bool:
    """Would unpacking explode, or write outside its folder?"""
    if len(entries) > MOST_ARCHIVE_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        return True
    return any(e.filename.startswith("/") or ".." in e.filename.split("/") or "\\" in e.filename for e in entries)


def _kind_of_archive(names: set[str], declared: bytes) -> ContentKind:
    if any(_PROGRAM_ENTRY.search(name) for name in names) or b"macroenabled" in declared:
        return ContentKind.MACRO
    if "xl/workbook.xml" in names and declared:
        return ContentKind.XLSX
    if "word/document.xml" in names and declared:
        return ContentKind.DOCX
    return ContentKind.OFD if "OFD.xml" in names else ContentKind.ARCHIVE


def _readable_list_of_types(archive: zipfile.ZipFile) -> bool:
    found = [entry for entry in archive.infolist() if entry.filename == "[Content_Types].xml"]
    return len(found) == 1 and found[0].file_size <= CHUNK_BYTES


def _recognise_text(file: IO[bytes]) -> ContentKind:
    """Text is what decodes whole, as UTF-8, UTF-16 with its mark, or GB 18030, and holds no control characters."""
    file.seek(0)
    mark = file.read(2)
    encodings = ("utf-16",) if mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        start = _text_start(file, encoding)
        if start is not None:
            return _kind_of_text(start.lstrip().lower())
    return ContentKind.OTHER


def _text_start(file: IO[bytes], encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    start = ""
    file.seek(0)
    try:
        while piece := file.read(CHUNK_BYTES):
            text = decoder.decode(piece)
            if _CONTROL.search(text):
                return None
            start = start or text[:4096]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return start


def _kind_of_text(start: str) -> ContentKind:
    if start.startswith(_STARTS_OF_SCRIPTS):
        return ContentKind.SCRIPT
    if start.startswith("<"):
        if any(page in start for page in _STARTS_OF_PAGES):
            return ContentKind.HTML
        return ContentKind.SVG if "<svg" in start else ContentKind.XML
    return ContentKind.TEXT
