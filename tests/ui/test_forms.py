"""Fields that read amounts and rates, and refusals beside the field they are about."""

from decimal import Decimal

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from finmart.kit.errors import AccessDenied, NotFound, Refusal
from finmart.ui.forms import AmountField, PercentField, add_refusal, sentence


class NeedForm(forms.Form):
    amount_fen = AmountField(label="金额")
    rate = PercentField(label="利率", at_most=Decimal(24), required=False)


@given(st.integers(1, 10**14))
def test_an_amount_shown_in_a_form_comes_back_the_same(fen):
    field = AmountField()
    assert field.clean(field.prepare_value(fen)) == fen


@pytest.mark.parametrize("text", ["0", "-1", "0.001", "1e5", "1.000000000001", "一百", "9" * 30, " ", "¥"])
def test_what_is_no_amount_is_told_beside_the_field(text):
    form = NeedForm({"amount_fen": text})
    assert not form.is_valid()
    assert "amount_fen" in form.errors


@pytest.mark.parametrize(("text", "rate"), [("4.35", "0.0435"), ("4.35%", "0.0435"), ("0", "0"), ("24", "0.24")])
def test_percent_becomes_a_share(text, rate):
    assert PercentField(at_most=Decimal(24)).clean(text) == Decimal(rate)


@pytest.mark.parametrize("text", ["24.01", "-1", "NaN", "Infinity", "abc", "%"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(forms.ValidationError):
        PercentField(at_most=Decimal(24)).clean(text)


def test_a_refusal_goes_beside_its_field_or_above_the_form():
    form = NeedForm({"amount_fen": "1"})
    form.is_valid()
    add_refusal(form, Refusal("超出额度", field="amount_fen", remedy="请减少"))
    add_refusal(form, Refusal("产品已下架", field="product"))
    assert form.errors["amount_fen"] == ["超出额度。请减少"]
    assert form.non_field_errors() == ["产品已下架"]
    assert sentence(Refusal("不行")) == "不行"


@pytest.mark.parametrize("kind", [AccessDenied, NotFound])
def test_what_may_not_be_done_or_known_is_no_mistake_in_a_form(kind):
    form = NeedForm({"amount_fen": "1"})
    form.is_valid()
    with pytest.raises(kind):
        add_refusal(form, kind("不可", field="amount_fen"))


def test_a_field_carries_label_help_and_error_where_readers_look():
    drawn = NeedForm({"amount_fen": "x"}).as_div()
    shown = str(NeedForm({"amount_fen": "x"}))
    assert 'id="id_amount_fen_error"' in shown
    assert 'aria-describedby="id_amount_fen_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert "data-capitals" in shown
    assert drawn
