"""Criteria as people write them on a page: amounts in yuan, shares in percent, several values between commas."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory

from finmart.centres.business.catalogue.types import CriterionField, CriterionTerms
from finmart.kit.criteria import Operator
from finmart.kit.money import FEN_PER_YUAN

_BLANK = [("", "请选择")]


class CriterionForm(forms.Form):
    """One condition. Several values are separated by commas; amounts are in yuan, shares in percent."""

    field = forms.ChoiceField(label="指标")
    operator = forms.ChoiceField(label="关系", choices=[*_BLANK, *Operator.choices()])
    operand = forms.CharField(label="取值", required=False, max_length=200)
    is_hard = forms.TypedChoiceField(
        label="性质", choices=[("1", "必须满足"), ("0", "优先满足")], coerce=lambda text: text == "1"
    )

    def __init__(self, *args: Any, register: dict[str, CriterionField], **options: Any) -> None:
        super().__init__(*args, **options)
        self.register = register
        field = self.fields["field"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*_BLANK, *((one.code, f"{one.label}（{_unit(one)}）") for one in register.values())]

    def terms(self) -> CriterionTerms:
        found = self.cleaned_data
        field = self.register[found["field"]]
        words = [word.strip() for word in found["operand"].replace("，", ",").replace("、", ",").split(",")]
        operand = tuple(_read(field, word) for word in words if word)
        return CriterionTerms(field.code, found["operator"], operand, found["is_hard"])


def _unit(field: CriterionField) -> str:
    if field.choices:
        return "填代码：" + " ".join(code for code, _ in field.choices[:20])
    return field.unit or "填 是 或 否"


def _read(field: CriterionField, word: str) -> object:
    """Return what the catalogue reads: yuan as fen, percent as a share; what is no number stays for it to refuse."""
    if word in {"是", "否"}:
        return word == "是"
    by_label = {label: code for code, label in field.choices}
    if field.choices:
        return by_label.get(word, word)
    try:
        number = Decimal(word.rstrip("%％"))
    except ArithmeticError:
        return word
    scale = {"元": Decimal(FEN_PER_YUAN), "%": Decimal("0.01")}.get(field.unit, Decimal(1))
    return f"{(number * scale).normalize():f}"


def written(field: CriterionField, value: object) -> str:
    """Return a stored value as :class:`CriterionForm` reads it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.unit in {"元", "%"}:
        scale = {"元": Decimal(1) / FEN_PER_YUAN, "%": Decimal(100)}[field.unit]
        return f"{(Decimal(str(value)) * scale).normalize():f}"
    return str(value)


CriterionSet = formset_factory(CriterionForm, extra=3, max_num=40, validate_max=True, can_delete=True)


def is_kept(form: forms.Form) -> bool:
    """Is the row filled in, whether changed or not, and not ticked for removal?"""
    return bool(form.cleaned_data) and not form.cleaned_data.get("DELETE")


def initial(criteria: Iterable[CriterionTerms], register: dict[str, CriterionField]) -> list[dict[str, str]]:
    """Return criteria as :class:`CriterionForm` starts from them."""
    return [
        {
            "field": one.field,
            "operator": one.operator,
            "operand": ",".join(written(register[one.field], value) for value in one.operand),
            "is_hard": "1" if one.is_hard else "0",
        }
        for one in criteria
    ]
