"""A product as its institution writes it: terms, fees and criteria, each checked where it stands."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import (
    CollateralKind,
    CriterionField,
    FeeBasis,
    FeeTerms,
    LoanPurpose,
    ProductTerms,
)
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.desks.products.criteria import CriterionForm, CriterionSet, initial, is_kept
from finmart.kit.finance import RepaymentMethod
from finmart.ui.forms import AmountField, DayInput, PercentField

_BLANK = [("", "请选择")]


class TermsForm(forms.Form):
    """The terms of one version, apart from its fees and criteria."""

    name = forms.CharField(label="产品名称", max_length=60)
    summary = forms.CharField(label="简介", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    rate_min = PercentField(label="最低年利率（%）", at_most=Decimal(36))
    rate_max = PercentField(label="最高年利率（%）", at_most=Decimal(36))
    limit_min_fen = AmountField(label="最低额度（元）")
    limit_max_fen = AmountField(label="最高额度（元）")
    months_min = forms.IntegerField(label="最短期限（月）", min_value=1, max_value=360)
    months_max = forms.IntegerField(label="最长期限（月）", min_value=1, max_value=360)
    promised_days = forms.IntegerField(label="承诺办理时间（工作日）", min_value=1, max_value=90)
    methods = forms.MultipleChoiceField(
        label="还款方式", choices=RepaymentMethod.choices(), widget=forms.CheckboxSelectMultiple
    )
    collateral = forms.ChoiceField(label="担保方式", choices=CollateralKind.choices())
    joint_liability = forms.BooleanField(label="要求法定代表人承担连带责任", required=False)
    purposes = forms.MultipleChoiceField(
        label="适用用途（不选为不限）",
        required=False,
        choices=LoanPurpose.choices(),
        widget=forms.CheckboxSelectMultiple,
    )
    regions = forms.MultipleChoiceField(
        label="服务区域（不选为全市）", required=False, widget=forms.CheckboxSelectMultiple
    )
    valid_from = forms.DateField(label="开始受理日期", widget=DayInput())
    valid_to = forms.DateField(label="停止受理日期（当日起不再受理，可不填）", required=False, widget=DayInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        regions = self.fields["regions"]
        if isinstance(regions, forms.MultipleChoiceField):
            regions.choices = [(one.code, one.name) for one in parameters_queries.districts()]


class FeeForm(forms.Form):
    """One fee; an empty row is no fee."""

    name = forms.CharField(label="收费项目", max_length=40)
    basis = forms.ChoiceField(label="计费方式", choices=[*_BLANK, *FeeBasis.choices()])
    rate = PercentField(label="费率（%）", required=False, at_most=Decimal(36))
    amount_fen = AmountField(label="金额（元）", required=False)

    def terms(self) -> FeeTerms:
        found = self.cleaned_data
        return FeeTerms(found["name"], FeeBasis(found["basis"]), found["rate"] or Decimal(0), found["amount_fen"] or 0)


FeeSet = formset_factory(FeeForm, extra=2, max_num=10, validate_max=True, can_delete=True)


class ProductSheet:
    """The three parts of a product on one page. ``on`` may be posted values or None, ``terms`` what to start from."""

    def __init__(self, posted: Any = None, terms: ProductTerms | None = None) -> None:
        register = catalogue_queries.register()
        start = _initial(terms, register) if terms else {"terms": None, "fees": None, "criteria": None}
        self.terms = TermsForm(posted, initial=start["terms"], prefix="terms")
        self.fees: BaseFormSet[FeeForm] = FeeSet(posted, initial=start["fees"], prefix="fees")
        self.criteria: BaseFormSet[CriterionForm] = CriterionSet(
            posted, initial=start["criteria"], prefix="criteria", form_kwargs={"register": register}
        )

    def is_valid(self) -> bool:
        return all([self.terms.is_valid(), self.fees.is_valid(), self.criteria.is_valid()])

    def product_terms(self) -> ProductTerms:
        """Return what was filled in; call only after :meth:`is_valid`."""
        found = dict(self.terms.cleaned_data)
        return ProductTerms(
            **{
                **found,
                "methods": tuple(RepaymentMethod(code) for code in found["methods"]),
                "purposes": tuple(LoanPurpose(code) for code in found["purposes"]),
                "regions": tuple(found["regions"]),
                "collateral": CollateralKind(found["collateral"]),
            },
            fees=tuple(form.terms() for form in self.fees if is_kept(form)),
            criteria=tuple(form.terms() for form in self.criteria if is_kept(form)),
        )


def _initial(terms: ProductTerms, register: dict[str, CriterionField]) -> dict[str, Any]:
    plain = {name: getattr(terms, name) for name in TermsForm.base_fields}
    return {
        "terms": plain,
        "fees": [
            {"name": fee.name, "basis": fee.basis, "rate": fee.rate or None, "amount_fen": fee.amount_fen or None}
            for fee in terms.fees
        ],
        "criteria": initial(terms.criteria, register),
    }
