"""People change the points of one column: a new version, which two others approve."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from finmart.centres.data.risk import operations, queries
from finmart.centres.data.risk.types import PartView
from finmart.kit import transactions
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


class PointsForm(forms.Form):
    """One whole number for every bin, and why."""

    reason = forms.CharField(
        label="调整理由", max_length=500, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明调整分值的理由"},
    )  # fmt: skip

    def __init__(self, part: PartView, written: QueryDict | None) -> None:
        super().__init__(written)
        self.part = part
        for place, one in enumerate(part.bins):
            self.fields[f"bin_{place}"] = forms.IntegerField(
                label=one.text, initial=one.points, min_value=-500, max_value=500,
                help_text=f"训练样本 {one.rows} 行，违约率 "
                + ("无样本" if one.bad_rate is None else f"{one.bad_rate:.1%}"),
            )  # fmt: skip
        self.order_fields([f"bin_{place}" for place in range(len(part.bins))])

    def points(self) -> list[int]:
        return [self.cleaned_data[f"bin_{place}"] for place in range(len(self.part.bins))]


@require_http_methods(["GET", "POST"])
@signed_in
def points(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """Show one column's bins as numbers to change; take them as a new version."""
    actor = actor_of(request)
    found = queries.card_for(actor, uuid)
    part = next((one for one in found.parts if one.code == code), None)
    if part is None or not queries.may_change(actor, found):
        raise NotFound("没有找到可以调整的列")
    form = PointsForm(part, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transactions.opened():
                made = operations.change_points(actor, uuid, {code: form.points()}, reason=form.cleaned_data["reason"])
        except (AccessDenied, NotFound):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已生成第 {made.number} 版，待两名其他人员审批")
            return redirect("scorecards:card", uuid=made.uuid)
    return answer(request, "scorecards/points.html", {"row": found.row, "part": part, "form": form})
