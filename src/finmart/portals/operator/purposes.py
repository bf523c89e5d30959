"""On what the operator's own use of firms' facts rests, its renewal, and how much is read (clauses F2 and D2)."""

from datetime import datetime, time
from itertools import groupby

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from finmart.centres.data.consents import operations, queries
from finmart.centres.data.consents.types import OPERATOR_PURPOSES, Purpose
from finmart.kit import clock
from finmart.kit.errors import AccessDenied, NotFound
from finmart.portals.operator.products import staff
from finmart.ui.forms import DayInput, answer, done
from finmart.ui.paging import page_within
from finmart.ui.requests import signed_in


class BasisForm(forms.Form):
    """A basis that takes the place of the one in force."""

    basis = forms.CharField(label="依据", max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))
    source = forms.CharField(label="出处", max_length=300, help_text="法律条文、委托书或协议的名称与文号")
    valid_to = forms.DateField(
        label="有效期至", required=False, widget=DayInput(), help_text="到期未续即停止读取；不填则直至被替换"
    )


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show every purpose with its basis in force, older ones, and what was read on it; and today's volume of reads."""
    actor = staff(request)
    known = {code: list(rows) for code, rows in groupby(queries.bases_for(actor), lambda one: one.purpose)}
    counts = queries.reads_by_purpose_for(actor)
    purposes = [
        (purpose, known.get(purpose, []), any(one.is_in_force for one in known.get(purpose, [])[:1]),
         counts.get(purpose, (0, 0)))
        for purpose in sorted(OPERATOR_PURPOSES)
    ]  # fmt: skip
    context = {
        "purposes": purposes,
        "may_record": queries.may_record_basis(actor),
        "volumes": page_within(request, queries.volumes_for(actor)),
        "bounds": queries.volume_bounds(),
    }
    return render(request, "operator/purposes.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def renew(request: HttpRequest, purpose: str) -> HttpResponse:
    """Record a basis from now on; for the platform's administrator."""
    actor = staff(request)
    if purpose not in OPERATOR_PURPOSES:
        raise NotFound("没有这项用途")
    if not queries.may_record_basis(actor):
        raise AccessDenied("只有平台管理员可以登记数据使用依据")
    known = Purpose(purpose)
    present = queries.basis_of(known)
    start = {"basis": present.basis, "source": present.source} if present else {}
    form = BasisForm(request.POST if request.method == "POST" else None, initial=start)

    def record() -> None:
        found = form.cleaned_data
        ends = found["valid_to"] and datetime.combine(found["valid_to"], time.max, tzinfo=clock.CITY_ZONE)
        operations.record_basis(actor, known, basis=found["basis"], source=found["source"], valid_to=ends or None)

    if request.method == "POST" and done(form, record):
        messages.success(request, f"“{known.label}”的依据已登记，即时生效")
        return redirect("operator:purposes")
    return answer(request, "operator/purpose.html", {"form": form, "purpose": known})
