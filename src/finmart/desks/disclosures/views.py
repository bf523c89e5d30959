"""Who saw what of a firm's facts, when, why, and what came of it: filtered, paged, taken away as CSV (clause F2)."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from finmart.centres.data.consents import operations, queries
from finmart.centres.data.consents.types import DisclosureOutcome, DisclosureRow, LedgerFilter, Purpose, ReadKind
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.desks.disclosures.apps import reads_ledger
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.csvfile import csv_bytes
from finmart.kit.errors import AccessDenied, Refusal
from finmart.ui.forms import DayInput
from finmart.ui.requests import actor_of, signed_in

ALL = [("", "全部")]
EXPORTED = 10_000  # a default of ours; more is asked for period by period
HEADINGS = ("时间", "查看方", "人员", "用途", "方式", "数据项", "最早数据日期", "结果", "原因", "授权编号", "记录编号")


class FilterForm(forms.Form):
    """What the ledger is narrowed to; everything may be left out."""

    recipient = forms.ChoiceField(label="查看方", required=False)
    purpose = forms.ChoiceField(label="用途", required=False, choices=ALL + Purpose.choices())
    outcome = forms.ChoiceField(label="结果", required=False, choices=ALL + DisclosureOutcome.choices())
    what = forms.ChoiceField(label="方式", required=False, choices=ALL + ReadKind.choices())
    since = forms.DateField(label="自", required=False, widget=DayInput())
    until = forms.DateField(label="至", required=False, widget=DayInput())

    def __init__(self, *args: Any, recipients: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["recipient"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*ALL, *((name, name) for name in recipients)]

    def narrowed(self) -> LedgerFilter:
        """Return the filter of a valid form."""
        return LedgerFilter(**self.cleaned_data)


@require_GET
@signed_in
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the actor's part of the ledger; the address holds filter and page."""
    actor = _reader(request)
    form = FilterForm(request.GET, recipients=queries.ledger_recipients_for(actor))
    narrowed = form.narrowed() if form.is_valid() else LedgerFilter()
    asked = request.GET.get("page", "")
    found = queries.ledger_for(actor, narrowed, page=int(asked[:6]) if asked.isdecimal() else 1)
    context = {
        "form": form,
        "is_narrowed": narrowed != LedgerFilter(),
        "rows": [(row, [_label(code) for code in row.fact_types]) for row in found.rows],
        "page": Paginator(range(found.total), found.size).page(found.page),
        "total": found.total,
    }
    return render(request, "disclosures/ledger.html", context, status=200 if form.is_valid() else 422)


@require_GET
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """Hand out the ledger as it is filtered, as CSV; the taking is on record."""
    actor = _reader(request)
    form = FilterForm(request.GET, recipients=queries.ledger_recipients_for(actor))
    if not form.is_valid():
        raise Refusal("筛选条件有误", remedy="请返回列表修改筛选条件")
    found = queries.ledger_for(actor, form.narrowed(), size=EXPORTED)
    operations.record_export(actor, len(found.rows))
    response = HttpResponse(csv_bytes(HEADINGS, map(_cells, found.rows)), content_type="text/csv; charset=utf-8")
    name = f"数据查询记录-{clock.today():%Y%m%d}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "private, no-store"
    return response


def _cells(row: DisclosureRow) -> tuple[object, ...]:
    return (
        f"{row.at.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M:%S}", row.recipient_name, row.person_name or "系统",
        row.purpose_label, row.what_label, "、".join(map(_label, row.fact_types)), row.earliest_on, row.outcome_label,
        row.reason, row.consent_uuid, row.uuid,
    )  # fmt: skip


def _label(code: str) -> str:
    return FACT_TYPES[code].label if code in FACT_TYPES else code


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not reads_ledger(actor):
        raise AccessDenied("数据查询记录只对企业本身、查询机构和运营人员开放")
    return actor
