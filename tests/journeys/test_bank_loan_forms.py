"""A proposal that came back is shown as it was written: a rate in percent, conditions by line."""

from finmart.journeys.online.bank_loan.forms import ReviewForm

KEPT = {
    "amount_fen": 80_000_000, "term_months": 12, "internal_rating": "B", "offer_amount_fen": 70_000_000,
    "offer_annual_rate": "0.0435", "offer_term_months": 6, "offer_method": "BULLET",
    "conditions": ["提供流水", "补充合同"], "security_required": False,
}  # fmt: skip


def test_a_returned_proposal_handed_in_unchanged_stays_the_same():
    shown = ReviewForm(initial=KEPT)
    assert shown["offer_annual_rate"].value() == "4.35"
    posted = {name: shown[name].value() for name in shown.fields if shown[name].value() not in (None, False)}
    again = ReviewForm(posted, outcome="RECOMMEND")
    assert again.is_valid(), again.errors
    kept = again.values()
    assert {name: kept[name] for name in kept if name in KEPT} == {name: KEPT[name] for name in KEPT if name in kept}


def test_a_first_proposal_starts_from_what_was_asked():
    shown = ReviewForm(initial={"amount_fen": 80_000_000, "term_months": 12})
    assert shown["offer_amount_fen"].value() == "800000.00"
    assert shown["offer_term_months"].value() == 12
    assert shown["conditions"].value() == ""
