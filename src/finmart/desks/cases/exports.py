"""The list as a spreadsheet, as it was filtered."""

from io import BytesIO

import xlsxwriter

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.cases import queries
from finmart.centres.business.cases.types import CaseFilter
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.money import format_yuan

MOST_ROWS = 5_000  # a default of ours; larger questions are for reports
PAGE = 500
HEADINGS = ("案件编号", "类型", "事项", "参与方", "申请金额（元）", "进度", "案件状态", "立案时间")


def rows_of(actor: Actor, narrowed: CaseFilter) -> list[tuple[str, ...]]:
    """Return what the list shows of at most 5,000 cases, all as text."""
    lines: list[tuple[str, ...]] = []
    for number in range(1, MOST_ROWS // PAGE + 1):
        found = queries.cases_for(actor, narrowed, page=number, size=PAGE)
        amounts = applications_queries.amounts_of_cases_for(actor, [row.ref.uuid for row in found.rows])
        for row in found.rows:
            amount_fen, state = amounts.get(row.ref.uuid, (None, None))
            parties = "、".join(f"{party.name}（{party.role_label}）" for party in row.parties)
            lines.append(
                (
                    row.ref.number,
                    row.ref.kind_label,
                    row.ref.title,
                    parties,
                    "" if amount_fen is None else format_yuan(amount_fen),
                    state.label if state else "",
                    row.ref.state_label,
                    f"{row.opened_at.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}",
                )
            )
        if number >= found.pages:
            break
    return lines


def spreadsheet(lines: list[tuple[str, ...]]) -> bytes:
    """Return an XLSX file of text cells: what looks like a formula stays text."""
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet("案件")
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(HEADINGS):
            sheet.write_string(0, column, heading, bold)
        for place, line in enumerate(lines, start=1):
            for column, text in enumerate(line):
                sheet.write_string(place, column, text)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(HEADINGS) - 1, 22)
    return kept.getvalue()
