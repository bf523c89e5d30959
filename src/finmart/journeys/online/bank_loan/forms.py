"""What each step of the bank loan asks of the person at it. A form's ``values`` become the step's values.

Keys are those of ``finmart:step form="…"`` in process.bpmn. Which fields an outcome needs is said in ``needed_for``:
a refusal without a reason is no refusal.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms

from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import OfferBounds, OfferTerms, RefusalReason, UnableToOffer
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.finance import RepaymentMethod
from finmart.kit.money import format_yuan
from finmart.ui.forms import AmountField, DayInput, OutcomeForm, PercentField, sentence
from finmart.ui.templatetags.ui import percent

MOST_TERM_MONTHS = 360
_TEXT = forms.Textarea(attrs={"rows": 3})
# What a field of an offer is called on the form of the review.
_OF_OFFER = {
    "amount": "offer_amount_fen", "term_months": "offer_term_months", "annual_rate": "offer_annual_rate",
    "repayment_method": "offer_method", "conditions": "conditions",
}  # fmt: skip


class _Refusing(OutcomeForm):
    refusal_reason = forms.ChoiceField(
        label="拒绝原因", required=False, choices=[("", "（仅拒绝时选择）"), *RefusalReason.choices()]
    )
    refusal_explanation = forms.CharField(label="原因说明（企业可见）", required=False, max_length=500, widget=_TEXT)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        own = [name for name in self.fields if not name.startswith("refusal_")]
        self.order_fields([*own, "refusal_reason", "refusal_explanation"])  # what is seldom filled in stands last


class AcceptForm(_Refusing):
    """受理：材料是否齐全；退回要说缺什么，不予受理要给原因。"""

    needed_for: ClassVar = {
        "ACCEPT": ("materials_complete",),
        "RETURN": ("return_reason",),
        "REFUSE": ("refusal_reason",),
    }
    field_order = ("materials_complete", "return_reason")
    materials_complete = forms.BooleanField(label="申请材料齐全、有效", required=False)
    return_reason = forms.CharField(label="需补充的材料", required=False, max_length=500, widget=_TEXT)


class SupplementForm(OutcomeForm):
    """补充材料：材料在“材料”页上传，这里说明补了什么。"""

    needed_for: ClassVar = {"RESUBMIT": ("supplement_note",)}
    supplement_note = forms.CharField(label="补充说明", required=False, max_length=500, widget=_TEXT)


class DueDiligenceForm(_Refusing):
    """双人尽调：每位尽调人员各自填写并签名。"""

    needed_for: ClassVar = {"PASS": ("visited_on", "findings"), "FAIL": ("findings", "refusal_reason")}
    field_order = ("visited_on", "findings")
    visited_on = forms.DateField(label="实地走访日期", required=False, widget=DayInput())
    findings = forms.CharField(label="尽调结论", required=False, max_length=2000, widget=_TEXT)


class ReviewForm(_Refusing):
    """授信审查：评级与建议的授信方案，审批通过后按此方案报价。"""

    needed_for: ClassVar = {
        "RECOMMEND": ("internal_rating", "offer_amount_fen", "offer_annual_rate", "offer_term_months", "offer_method"),
        "REFUSE": ("refusal_reason",),
    }
    field_order = ("internal_rating", "offer_amount_fen", "offer_annual_rate", "offer_term_months", "offer_method",
                   "security_required", "security_description", "joint_liability", "conditions")  # fmt: skip
    internal_rating = forms.ChoiceField(
        label="内部评级", required=False, choices=[("", "请选择"), *((letter, letter) for letter in "ABCDE")]
    )
    offer_amount_fen = AmountField(label="建议金额（元）", required=False)
    offer_annual_rate = PercentField(label="建议年利率（%）", required=False, at_most=Decimal(24))
    offer_term_months = forms.IntegerField(label="期限（月）", required=False, min_value=1, max_value=MOST_TERM_MONTHS)
    offer_method = forms.ChoiceField(
        label="还款方式", required=False, choices=[("", "请选择"), *RepaymentMethod.choices()]
    )
    security_required = forms.BooleanField(label="需要抵质押或保证担保", required=False)
    security_description = forms.CharField(label="担保方案", required=False, max_length=500, widget=_TEXT)
    joint_liability = forms.BooleanField(label="法定代表人承担连带责任", required=False)
    conditions = forms.CharField(label="放款前提条件（每行一条）", required=False, max_length=2000, widget=_TEXT)

    def __init__(self, *args: Any, initial: Mapping[str, Any] | None = None, **options: Any) -> None:
        """Start from what the firm asked for, or from the earlier recommendation where the case came back."""
        known = dict(initial or {})
        if known.get("offer_annual_rate"):
            known["offer_annual_rate"] = Decimal(known["offer_annual_rate"])  # kept as text, shown in percent
        known["conditions"] = "\n".join(known.get("conditions") or ())
        known.setdefault("offer_amount_fen", known.get("amount_fen"))
        known.setdefault("offer_term_months", known.get("term_months"))
        super().__init__(*args, initial=known, **options)
        self._bounds: OfferBounds | None = None

    def know(self, actor: Actor, case_uuid: UUID) -> None:
        """Say what the product publishes beside each field, and offer no way of repaying that it does not."""
        self._bounds = applications_queries.offer_bounds_for(actor, case_uuid)
        if self._bounds is None:
            return
        product = self._bounds.product
        most_fen = min(self._bounds.asked_fen, product.limit_max_fen)
        told = {
            "offer_amount_fen": f"不超过申请金额和产品最高额度：{format_yuan(most_fen)} 元",
            "offer_annual_rate": f"产品公示：{percent(product.rate_min)}～{percent(product.rate_max)}",
            "offer_term_months": f"产品公示：{product.months_min}～{product.months_max} 个月",
        }
        for name, text in told.items():
            self.fields[name].help_text = text
        method = self.fields["offer_method"]
        if isinstance(method, forms.ChoiceField):
            method.choices = [("", "请选择"), *((str(one), one.label) for one in product.methods)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("security_required") and not cleaned.get("security_description"):
            self.add_error("security_description", "需要担保时请写明担保方案")
        if self.outcome == "RECOMMEND" and self._bounds and not self.errors:
            self._check_offer(self._bounds, cleaned)
        return cleaned

    def _check_offer(self, bounds: OfferBounds, cleaned: Mapping[str, Any]) -> None:
        """Refuse here what could not be offered later: who approves cannot change it."""
        terms = OfferTerms(
            cleaned["offer_amount_fen"], cleaned["offer_term_months"], cleaned["offer_annual_rate"],
            RepaymentMethod(cleaned["offer_method"]), clock.now(), conditions=tuple(self._listed(cleaned)),
        )  # fmt: skip
        try:
            applications_queries.check_offer(bounds, terms)
        except UnableToOffer as refusal:
            self.add_error(_OF_OFFER.get(refusal.field), sentence(refusal))

    def values(self) -> dict[str, Any]:
        listed = self._listed(self.cleaned_data)
        return {**super().values(), "conditions": listed, "condition_count": len(listed)}

    @staticmethod
    def _listed(cleaned: Mapping[str, Any]) -> list[str]:
        return [line.strip() for line in cleaned.get("conditions", "").splitlines() if line.strip()]


class ApproveForm(_Refusing):
    """授信审批：每位审批人独立表决。"""

    needed_for: ClassVar = {"REFUSE": ("refusal_reason",)}


class ChooseForm(OutcomeForm):
    """确认报价：接受时确定支付方式和收款账户。"""

    needed_for: ClassVar = {"ACCEPT": ("payment_mode", "payee_name", "payee_account", "payee_bank")}
    payment_mode = forms.ChoiceField(
        label="支付方式",
        required=False,
        choices=[("", "请选择"), ("ENTRUSTED", "受托支付（直接付给供应商）"), ("SELF", "自主支付（付到本企业账户）")],
    )
    payee_name = forms.CharField(label="收款人户名", required=False, max_length=200)
    payee_account = forms.RegexField(
        label="收款账号", required=False, regex=r"^\d{8,32}$", error_messages={"invalid": "账号应为 8 至 32 位数字"}
    )
    payee_bank = forms.CharField(label="开户行", required=False, max_length=200)
    decline_reason = forms.CharField(label="谢绝原因（选填）", required=False, max_length=500)


class SignForm(OutcomeForm):
    """签署合同：须由持有签署授权的人确认已阅读全文。"""

    needed_for: ClassVar = {"SIGN": ("has_read",)}
    has_read = forms.BooleanField(label="我已阅读合同全文，同意以电子签名签署", required=False)


class SecureForm(OutcomeForm):
    """落实担保：登记凭证与估值。"""

    needed_for: ClassVar = {"SECURED": ("security_registration", "security_value_fen")}
    security_registration = forms.CharField(label="登记或合同编号", required=False, max_length=100)
    security_value_fen = AmountField(label="评估价值（元）", required=False)


class FulfilForm(OutcomeForm):
    """落实批复条件：逐条说明依据。"""

    needed_for: ClassVar = {"FULFILLED": ("fulfilment_note",)}
    fulfilment_note = forms.CharField(label="落实情况与依据", required=False, max_length=1000, widget=_TEXT)


class FulfilAgainForm(FulfilForm):
    """补齐放款条件；支付失败时在此更正收款账户。"""

    payee_name = forms.CharField(label="更正收款人户名", required=False, max_length=200)
    payee_account = forms.RegexField(
        label="更正收款账号", required=False, regex=r"^\d{8,32}$", error_messages={"invalid": "账号应为 8 至 32 位数字"}
    )
    payee_bank = forms.CharField(label="更正开户行", required=False, max_length=200)


class DisbursementCheckForm(OutcomeForm):
    """放款审核：退回时写明缺哪一项。"""

    needed_for: ClassVar = {"PASS": ("payees_checked",), "HOLD": ("hold_reason",)}
    payees_checked = forms.BooleanField(label="收款账户与合同、用途一致", required=False)
    hold_reason = forms.CharField(label="需补齐的条件", required=False, max_length=500, widget=_TEXT)


class UseCheckForm(OutcomeForm):
    """首次贷后检查：资金去向与经营情况。"""

    needed_for: ClassVar = {"NORMAL": ("use_findings",), "CONCERN": ("use_findings",)}
    use_findings = forms.CharField(label="检查情况", required=False, max_length=2000, widget=_TEXT)


FORMS: dict[str, type[OutcomeForm]] = {
    "bank_loan.accept": AcceptForm,
    "bank_loan.supplement": SupplementForm,
    "bank_loan.due_diligence": DueDiligenceForm,
    "bank_loan.review": ReviewForm,
    "bank_loan.approve": ApproveForm,
    "bank_loan.choose": ChooseForm,
    "bank_loan.sign_enterprise": SignForm,
    "bank_loan.sign_joint": SignForm,
    "bank_loan.sign_bank": SignForm,
    "bank_loan.secure": SecureForm,
    "bank_loan.fulfil": FulfilForm,
    "bank_loan.fulfil_again": FulfilAgainForm,
    "bank_loan.check_disbursement": DisbursementCheckForm,
    "bank_loan.confirm_payment": OutcomeForm,
    "bank_loan.check_use": UseCheckForm,
    "bank_loan.settle": OutcomeForm,
}
