"""Pages that show every component at once, served to the browser tests only."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from finmart.config import places
from finmart.config.urls import handler400, handler403, handler404, handler500  # noqa: F401 - Django reads them here
from finmart.config.urls import urlpatterns as ours
from finmart.kit import clock
from finmart.ui.forms import AmountField, DayInput, PercentField

PAGES = Path(__file__).parent / "pages"
STAGES = ("申请", "受理", "尽职调查", "审批", "签约", "放款", "贷后")


def drawn(name, context, request):
    return engines["django"].from_string((PAGES / name).read_text()).render(context, request)


def page(name, **context):
    return lambda request: HttpResponse(drawn(name, {key: made() for key, made in context.items()}, request))


class NeedForm(forms.Form):
    title = forms.CharField(label="标题", max_length=40, help_text="一句话说明用途")
    amount_fen = AmountField(label="融资金额（元）")
    rate = PercentField(label="可接受年利率（%）", at_most=Decimal(24))
    starts_on = forms.DateField(label="用款日期", widget=DayInput())
    district = forms.ChoiceField(label="所在区", choices=[("", "请选择"), ("GS", "姑苏区"), ("HQ", "虎丘区")])
    ways = forms.MultipleChoiceField(
        label="还款方式", choices=[("A", "等额本息"), ("B", "先息后本")], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label="我已阅读并同意")


def form_page(request):
    form = NeedForm(request.POST if request.method == "POST" else None)
    return HttpResponse(
        drawn("form.html", {"form": form}, request), status=422 if form.is_bound and not form.is_valid() else 200
    )


def refused(request):
    from finmart.kit.errors import Conflict

    raise Conflict(remedy="请刷新后查看最新状态")


def broken(request):
    raise RuntimeError("on purpose")


def upload(request):
    if request.method == "GET":
        return HttpResponse(drawn("upload.html", {}, request))
    if request.FILES["file"].size > 1000:
        return HttpResponse(drawn("upload.html", {"wrong": "文件太大"}, request), status=422)
    messages.success(request, f"已收到 {request.FILES['file'].name}")
    return redirect("/gallery/upload/?done=1")


def story():
    now = clock.now()
    return [
        {"at": now, "who": "李经办", "organisation": "苏州某某公司", "what": "提交申请", "tone": "blue",
         "text": "请尽快办理，谢谢。", "attachments": [{"name": "营业执照.pdf", "url": "/"}]},
        {"at": now - timedelta(hours=5), "who": "张经理", "organisation": "示例银行", "what": "受理", "tone": "green",
         "left": "还剩 2 天"},
    ]  # fmt: skip


def stages():
    states = ["done", "done", "current", "todo", "todo", "todo", "todo"]
    return [
        {"label": label, "state": state, "note": "还剩 2 天" if state == "current" else ""}
        for label, state in zip(STAGES, states, strict=True)
    ]


def model(_request):
    journey = places.CHECKOUT / "src/finmart/journeys/online/bank_loan/process.bpmn"
    return HttpResponse(journey.read_text(), content_type="application/xml")


def progress(_request):
    return JsonResponse(
        {
            "start": "DONE",
            "accept": "DONE",
            "supplement": "RETURNED",
            "due_diligence": "CURRENT",
            "review": "CANCELLED",
            "none": "DONE",
        }
    )


def chart(_request):
    months = [f"{month} 月" for month in range(1, 7)]
    return JsonResponse(
        {
            "xAxis": {"type": "category", "data": months}, "yAxis": {"type": "value"}, "tooltip": {},
            "series": [{"type": "bar", "name": "放款", "data": [5, 8, 3, 9, 6, 7]}],
        }
    )  # fmt: skip


class FilterForm(forms.Form):
    district = forms.ChoiceField(label="区", choices=[("", "全部"), ("GS", "姑苏区")], required=False)
    term = forms.IntegerField(label="期限（月）", required=False)


urlpatterns = [
    path(
        "gallery/",
        page(
            "components.html",
            stages=stages,
            story=story,
            fen=lambda: 123_456_789,
            rate=lambda: Decimal("0.0435"),
            missing=lambda: None,
            filter=FilterForm,
            page=lambda: Paginator(range(200), 8).page(3),
            tabs=lambda: [
                {"label": "进展", "url": "/gallery/", "current": True, "count": 0},
                {"label": "材料", "url": "/gallery/", "current": False, "count": 3},
                {"label": "资金", "url": "/gallery/", "current": False, "count": 0},
                {"label": "消息", "url": "/gallery/", "current": False, "count": 12},
            ],
        ),
    ),
    path("gallery/form/", form_page),
    path("gallery/upload/", upload),
    path("gallery/part/", lambda request: HttpResponse("<p>已刷新</p>")),
    path("gallery/refused/", refused),
    path("gallery/broken/", broken),
    path("gallery/diagram/", page("diagram.html")),
    path("gallery/model/", model),
    path("gallery/progress/", progress),
    path("gallery/chart/", chart),
    *ours,
]
