"""Sources of data: how each does, what it brought, what waits for people (clause D1)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.data.quality import queries as quality_queries
from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.types import BatchState, FeedHealth, FeedView, SourcesAct
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.portals.operator.demands import DemandForm
from finmart.portals.operator.products import staff
from finmart.ui.forms import answer, done
from finmart.ui.requests import signed_in

TONES = {
    FeedHealth.DOWN: "red", FeedHealth.STOPPED: "red", FeedHealth.HELD_UP: "orange", FeedHealth.LATE: "orange",
    FeedHealth.RETRYING: "yellow", FeedHealth.SOUND: "green",
}  # fmt: skip
PAUSE, RELEASE, REJECT = "暂停理由", "放行理由", "退回理由"
BATCH_TONES = {BatchState.HELD: "orange", BatchState.LOADED: "green", BatchState.REFUSED: "red"}


class ReasonForm(forms.Form):
    """Why somebody does it; stays on record."""

    reason = forms.CharField(min_length=5, max_length=300)

    def __init__(self, *args: Any, label: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label = label


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Show every feed with how it does."""
    rows = queries.feeds_for(staff(request))
    broken = {FeedHealth.DOWN, FeedHealth.STOPPED}
    context = {
        "rows": [(row, TONES.get(row.health, "grey")) for row in rows],
        "sound": sum(row.health is FeedHealth.SOUND for row in rows),
        "broken": sum(row.health in broken for row in rows),
        "waiting": sum(row.waiting for row in rows),
        "demands": sum(row.demands for row in rows),
        "total": len(rows),
    }
    return render(request, "operator/feeds.html", context)


@require_GET
@signed_in
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one feed: its state, what was agreed, its newest batches, and what may be done."""
    return render(request, "operator/feed.html", _shown(queries.feed_for(staff(request), code)))


@require_POST
@signed_in
def pause(request: HttpRequest, code: str) -> HttpResponse:
    """Have it rest, for a reason."""
    actor, form = staff(request), ReasonForm(request.POST, label=PAUSE)
    if done(form, lambda: operations.pause_feed(actor, code, form.cleaned_data["reason"])):
        messages.success(request, "已暂停接入；已有数据保持原日期")
        return redirect("operator:feed", code)
    page = _shown(queries.feed_for(actor, code))
    return answer(request, "operator/feed.html", {**page, "pausing": form, "form": form})


@require_POST
@signed_in
def resume(request: HttpRequest, code: str) -> HttpResponse:
    """Have it go on."""
    actor = staff(request)
    with transactions.opened():
        operations.resume_feed(actor, code)
    messages.success(request, "已恢复；下一次取数仍先核对数据结构")
    return redirect("operator:feed", code)


@require_POST
@signed_in
def fetch(request: HttpRequest, code: str) -> HttpResponse:
    """Have it be asked at once."""
    actor = staff(request)
    with transactions.opened():
        operations.fetch_soon(actor, code)
    messages.success(request, "已安排取数，一分钟内开始")
    return redirect("operator:feed", code)


@require_POST
@signed_in
def fetch_anew(request: HttpRequest, code: str) -> HttpResponse:
    """Begin it from its beginning."""
    actor = staff(request)
    with transactions.opened():
        operations.fetch_anew(actor, code)
    messages.success(request, "已安排从头取数；已有的相同记录不会重复入库")
    return redirect("operator:feed", code)


@require_GET
@signed_in
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one batch: counts, what was found, which records it brought."""
    return render(request, "operator/batch.html", _batch_shown(staff(request), uuid))


@require_POST
@signed_in
def release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Load a held batch after all."""
    return _settled(request, uuid, "releasing", operations.release_batch, "已放行入库")


@require_POST
@signed_in
def reject(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Refuse a held batch."""
    return _settled(
        request, uuid, "rejecting", operations.reject_batch, "已退回，并已请供数单位更正后重送；新批次到达后自动接收"
    )


@require_http_methods(["GET", "POST"])
@signed_in
def record(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show one record, and ask its supplier to correct it."""
    actor = staff(request)
    row, page = queries.record_for(actor, uuid)
    form = DemandForm(request.POST if request.method == "POST" else None)

    def ask() -> None:
        operations.raise_demand(actor, feed_code=page.feed_code, text=form.cleaned_data["text"], record_uuid=uuid)

    if request.method == "POST" and done(form, ask):
        messages.success(request, "已向供数单位提出更正")
        return redirect("operator:demands")
    may_ask = SourcesAct.DEMAND_RAISE in page.acts and not row.replaced_by
    cells = list(zip(page.columns, row.cells, strict=True))
    context = {"row": row, "page": page, "cells": cells, "form": form, "may_ask": may_ask}
    return answer(request, "operator/record.html", context)


def _shown(page: FeedView) -> dict[str, Any]:
    return {
        "page": page,
        "row": page.row,
        "tone": TONES.get(page.row.health, "grey"),
        "batches": [(one, BATCH_TONES.get(BatchState(one.state), "grey")) for one in page.batches],
        "rhythm": _rhythm(page.row.every_minutes),
        "may_pause": SourcesAct.FEED_PAUSE in page.acts,
        "may_resume": SourcesAct.FEED_RESUME in page.acts,
        "pausing": ReasonForm(label=PAUSE),
        "asking": DemandForm(),
    }


def _rhythm(minutes: int) -> str:
    """Return ``每 7 天``, ``每 6 小时`` or ``每 90 分钟``."""
    for size, unit in ((1_440, "天"), (60, "小时")):
        if minutes % size == 0:
            return f"每 {minutes // size} {unit}"
    return f"每 {minutes} 分钟"


def _settled(
    request: HttpRequest, uuid: UUID, name: str, act: Callable[[Actor, UUID, str], None], said: str
) -> HttpResponse:  # fmt: skip
    actor = staff(request)
    page = _batch_shown(actor, uuid, **{name: request.POST})
    form = page[name]
    if done(form, lambda: act(actor, uuid, form.cleaned_data["reason"])):
        messages.success(request, said)
        return redirect("operator:batch", uuid)
    return answer(request, "operator/batch.html", {**page, "form": form})


def _batch_shown(
    actor: Actor, uuid: UUID, releasing: QueryDict | None = None, rejecting: QueryDict | None = None
) -> dict[str, Any]:  # fmt: skip
    page = queries.batch_for(actor, uuid)
    return {
        "page": page,
        "figures": quality_queries.batch_figures_for(actor, uuid),
        "is_held": page.row.state == BatchState.HELD,
        "row": page.row,
        "tone": BATCH_TONES.get(BatchState(page.row.state), "grey"),
        "records": [(one, list(zip(page.columns, one.cells, strict=True))) for one in page.records],
        "may_release": SourcesAct.BATCH_RELEASE in page.acts,
        "releasing": ReasonForm(releasing, prefix="release", label=RELEASE),
        "rejecting": ReasonForm(rejecting, prefix="reject", label=REJECT),
    }
