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


def contract(**changes):
    """Return what the loan contract's template takes."""
    values = {
        "number": "JK-2026-000001",
        "drafted_on": "2026年11月22日",
        "is_example": False,
        "seal": "JK-2026-000001; fen=100000000",
        "lenders": [{"name": "示例银行", "credit_code": "913205000000000011"}],
        "borrowers": [{"name": "苏州示例有限公司", "credit_code": "913205000000000022"}],
        "guarantors": [],
        "amount": "1,000,000.00",
        "amount_capitals": "壹佰万元整",
        "purpose": "采购原材料",
        "annual_rate": "4.35",
        "all_in_rate": "",
        "term": "12 个月",
        "method": "等额本息",
        "fees": [],
        "collateral": [],
        "conditions": [],
        "signers": [["贷款人", "示例银行"]],
        "link": "",
        "qr": "",
    }
    return {**values, **changes}
