"""What a visitor looks for."""

from typing import Any

from django import forms

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.catalogue.types import CollateralKind, ProductFilter, ProductSort
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.kit.finance import RepaymentMethod
from finmart.ui.forms import AmountField

_ANY = [("", "不限")]


class FilterForm(forms.Form):
    """Filters of the product list; nothing is required."""

    text = forms.CharField(label="关键词", max_length=60, required=False)
    district = forms.ChoiceField(label="企业所在区", required=False)
    amount_fen = AmountField(label="融资金额（元）", required=False)
    term_months = forms.IntegerField(label="期限（月）", min_value=1, max_value=360, required=False)
    institution = forms.ChoiceField(label="金融机构", required=False)
    method = forms.ChoiceField(label="还款方式", choices=_ANY + RepaymentMethod.choices(), required=False)
    collateral = forms.ChoiceField(label="担保方式", choices=_ANY + CollateralKind.choices(), required=False)
    sort = forms.ChoiceField(label="排序", required=False)

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        institutions = catalogue_queries.open_institutions()
        self._offer("district", [(one.code, one.name) for one in parameters_queries.districts()])
        self._offer("institution", [(str(one.uuid), one.name) for one in institutions])
        others = [choice for choice in ProductSort.choices() if choice[0] != ProductSort.RATE]
        self._offer("sort", others, blank=ProductSort.RATE.label)
        self._institutions = {str(one.uuid): one.uuid for one in institutions}

    def _offer(self, name: str, choices: list[tuple[str, str]], blank: str = "不限") -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", blank), *choices]

    def chosen(self) -> ProductFilter:
        """Return the filter; a form with mistakes does not narrow."""
        if not self.is_valid():
            return ProductFilter()
        given = self.cleaned_data
        return ProductFilter(
            district=given["district"],
            amount_fen=given["amount_fen"],
            term_months=given["term_months"],
            institution_uuid=self._institutions.get(given["institution"]),
            collateral=CollateralKind(given["collateral"]) if given["collateral"] else None,
            method=RepaymentMethod(given["method"]) if given["method"] else None,
            text=given["text"],
        )

    def order(self) -> ProductSort:
        """Return the order chosen, else by rate."""
        chosen = self.cleaned_data["sort"] if self.is_valid() else ""
        return ProductSort(chosen) if chosen else ProductSort.RATE
