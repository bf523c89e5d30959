"""Small files of every kind, real ones and disguised ones."""

import io
import zipfile

import openpyxl

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPG = b"\xff\xd8\xff\xe0" + bytes(64)
EXE = b"MZ\x90\x00" + bytes(512)


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "金额"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def archive(**entries: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return kept.getvalue()
