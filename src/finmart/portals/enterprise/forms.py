"""What a firm fills in: a need, a consent."""

from typing import Any

from django import forms

from finmart.centres.business.applications.types import NeedDraft, NeedTerms
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.data.consents.types import AfterEnd, Mode
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit.finance import RepaymentMethod
from finmart.ui.forms import AmountField, DayInput


class NeedForm(forms.Form):
    """A need, stated once for all institutions."""

    amount_fen = AmountField(label="融资金额（元）")
    term_months = forms.IntegerField(label="期限（月）", min_value=1, max_value=360)
    purpose = forms.ChoiceField(label="用途", choices=[("", "请选择"), *LoanPurpose.choices()])
    purpose_note = forms.CharField(
        label="用途说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    repayment_method = forms.ChoiceField(
        label="希望的还款方式", required=False, choices=[("", "不限"), *RepaymentMethod.choices()]
    )
    district = forms.ChoiceField(label="资金使用地", required=False)

    def __init__(self, *args: Any, is_draft: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        district = self.fields["district"]
        if isinstance(district, forms.ChoiceField):
            district.choices = [("", "请选择"), *((one.code, one.name) for one in parameters_queries.districts())]
        if is_draft:
            for field in self.fields.values():
                field.required = False

    def terms(self) -> NeedTerms:
        found = self.cleaned_data
        method = found["repayment_method"]
        return NeedTerms(
            amount_fen=found["amount_fen"],
            term_months=found["term_months"],
            purpose=LoanPurpose(found["purpose"]),
            purpose_note=found["purpose_note"],
            repayment_method=RepaymentMethod(method) if method else None,
            district=found["district"],
        )

    def draft(self) -> NeedDraft:
        return NeedDraft(**self.cleaned_data)


class ConsentForm(forms.Form):
    """Leave for one institution to read named facts for one purpose until a day."""

    recipient = forms.TypedChoiceField(label="授权给", coerce=int)
    purpose = forms.ChoiceField(label="用途")
    fact_types = forms.MultipleChoiceField(label="数据项", widget=forms.CheckboxSelectMultiple)
    months_back = forms.IntegerField(
        label="数据回溯（月）", min_value=1, initial=24, help_text="更早的数据、以及需要更早月份才能算出的指标不提供"
    )
    valid_to = forms.DateField(label="有效期至", widget=DayInput())
    most_calls_a_month = forms.IntegerField(
        label="每月最多查询次数", min_value=1, required=False, help_text="不填则按该用途的上限"
    )
    mode = forms.ChoiceField(label="对方能得到什么", choices=Mode.choices(), initial=Mode.VIEW)
    keep_days = forms.IntegerField(
        label="副本最多留存（天）", min_value=1, required=False, help_text="只对“查看并留存”有效；不填则按该用途的上限"
    )
    after_end = forms.ChoiceField(label="授权结束后，对方的副本", choices=AfterEnd.choices(), initial=AfterEnd.DELETE)

    def __init__(
        self,
        *args: Any,
        recipients: list[tuple[int, str]],
        purposes: list[tuple[str, str]],
        fact_types: list[tuple[str, list[tuple[str, str]]]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        offered: dict[str, Any] = {"recipient": recipients, "purpose": purposes, "fact_types": fact_types}
        for name, choices in offered.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices
