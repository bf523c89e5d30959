"""People change one column of a scorecard, its points, bins or words: a new version, which two others approve."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from finmart.centres.data.risk import operations, queries
from finmart.centres.data.risk.types import ModelCard, ModelRow, PartView
from finmart.kit import transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

LABEL, WORDS, NEVER = "LABEL", "WORDS", "NEVER"


class ColumnForm(forms.Form):
    """A change of one column, and why."""

    reason = forms.CharField(
        label="调整理由", max_length=500, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明调整的理由"},
    )  # fmt: skip

    def __init__(self, part: PartView, written: QueryDict | None) -> None:
        super().__init__(written, auto_id=f"id_{type(self).__name__}_%s")
        self.part = part
        self.add_own()
        self.order_fields([name for name in self.fields if name != "reason"])

    def add_own(self) -> None:
        """Add the fields that hang on the column."""


class PointsForm(ColumnForm):
    """One whole number for every bin."""

    def add_own(self) -> None:
        for place, one in enumerate(self.part.bins):
            self.fields[f"bin_{place}"] = forms.IntegerField(
                label=one.text, initial=one.points, min_value=-500, max_value=500,
                help_text=f"训练样本 {one.rows} 行，违约率 "
                + ("无样本" if one.bad_rate is None else f"{one.bad_rate:.1%}"),
            )  # fmt: skip

    def make(self, actor: Actor, version: UUID) -> ModelRow:
        wanted = [self.cleaned_data[f"bin_{place}"] for place in range(len(self.part.bins))]
        return operations.change_points(actor, version, {self.part.code: wanted}, reason=self.cleaned_data["reason"])


class BinsForm(ColumnForm):
    """Where numbers are cut, or which texts stand together."""

    def add_own(self) -> None:
        if self.part.is_text:
            texts = ["、".join(one.texts) for one in self.part.bins if one.texts]
            self.fields["groups"] = forms.CharField(
                label="分箱（每行一箱，取值用顿号分开）", initial="\n".join(texts), required=False, max_length=4000,
                widget=forms.Textarea({"rows": 6}), help_text="没有写到的取值归入“其他”",
            )  # fmt: skip
        else:
            cuts = [
                f"{one.lower!r}".removesuffix(".0") for one in self.part.bins if one.lower not in (None, float("-inf"))
            ]
            self.fields["cuts"] = forms.CharField(
                label="分界点（从小到大，用空格分开）", initial=" ".join(cuts), required=False, max_length=1000,
                widget=forms.Textarea({"rows": 4}), help_text="等于分界点的值归入上面一箱；留空则全部归为一箱",
            )  # fmt: skip

    def clean_cuts(self) -> list[float]:
        try:
            return [float(word) for word in self.cleaned_data["cuts"].replace("，", " ").replace(",", " ").split()]
        except ValueError as error:
            raise forms.ValidationError("分界点应为数字，用空格分开") from error

    def clean_groups(self) -> list[list[str]]:
        lines = [line for line in self.cleaned_data["groups"].splitlines() if line.strip()]
        return [[word.strip() for word in line.split("、") if word.strip()] for line in lines]

    def make(self, actor: Actor, version: UUID) -> ModelRow:
        found = self.cleaned_data
        return operations.change_bins(
            actor, version, self.part.code, reason=found["reason"], cuts=found.get("cuts", ()),
            groups=found.get("groups", ()),
        )  # fmt: skip


class WordsForm(ColumnForm):
    """What is told where the column costs points."""

    told = forms.ChoiceField(
        label="作为扣分原因时", choices=[(LABEL, "用列名"), (WORDS, "用下面的用语"), (NEVER, "不作为原因告知")]
    )
    words = forms.CharField(label="原因用语", required=False, max_length=60)

    def add_own(self) -> None:
        reason = self.part.reason
        self.fields["told"].initial = LABEL if reason is None else WORDS if reason else NEVER
        self.fields["words"].initial = reason or ""

    def clean(self) -> None:
        if self.cleaned_data.get("told") == WORDS and not self.cleaned_data.get("words"):
            self.add_error("words", "请写明告知企业的用语")

    def make(self, actor: Actor, version: UUID) -> ModelRow:
        found = self.cleaned_data
        words = {LABEL: None, WORDS: found["words"], NEVER: ""}[found["told"]]
        return operations.change_reason(actor, version, self.part.code, words, reason=found["reason"])


Form = PointsForm | BinsForm | WordsForm
FORMS: dict[str, Callable[[PartView, QueryDict | None], Form]] = {
    "points": PointsForm, "bins": BinsForm, "words": WordsForm,
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def points(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """Show one column to change, its points, bins and words; take its points as a new version."""
    return _changed(request, uuid, code, "points")


@require_POST
@signed_in
def bins(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """Cut the column elsewhere: a new version."""
    return _changed(request, uuid, code, "bins")


@require_POST
@signed_in
def reason(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """Tell the column in other words: a new version."""
    return _changed(request, uuid, code, "words")


def _changed(request: HttpRequest, uuid: UUID, code: str, name: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.card_for(actor, uuid)
    part = _part(actor, found, code)
    shown = {each: form(part, None) for each, form in FORMS.items()}
    if request.method == "POST":
        form = shown[name] = FORMS[name](part, request.POST)
        made = _made(actor, uuid, form) if form.is_valid() else None
        if made is not None:
            messages.success(request, f"已生成第 {made.number} 版，待两名其他人员审批")
            return redirect("scorecards:card", uuid=made.uuid)
    context = {"row": found.row, "part": part, "has_rows": found.has_rows, **shown, "form": shown[name]}
    return answer(request, "scorecards/points.html", context)


def _part(actor: Actor, found: ModelCard, code: str) -> PartView:
    part = next((one for one in found.parts if one.code == code), None)
    if part is None or not queries.may_change(actor, found):
        raise NotFound("没有找到可以调整的列")
    return part


def _made(actor: Actor, uuid: UUID, form: Form) -> ModelRow | None:
    try:
        with transactions.opened():
            return form.make(actor, uuid)
    except (AccessDenied, NotFound):
        raise
    except Refusal as refusal:
        add_refusal(form, refusal)
        return None
