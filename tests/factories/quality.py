"""Rules of quality for tests, read as a pack's are."""

from datetime import date

from finmart.centres.data.quality.rules import definitions

ROW = {
    "code": "tried", "dimension": "VALID", "subject": "INVOICES", "label": "试", "meaning": "试",
    "check": {"kind": "known", "columns": ["number"]}, "most_failed": "0", "days_to_mend": 5,
    "source": "试", "example": True, "valid_from": date(2018, 1, 1),
}  # fmt: skip


def row(**changes):
    return ROW | changes


def rule(**changes):
    return definitions.read(row(**changes))
