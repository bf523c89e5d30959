"""What the steps of a review ask. A finding without reasons is no finding."""

from typing import ClassVar

from django import forms

from finmart.centres.technical.parties.types import Role
from finmart.ui.forms import OutcomeForm

REVIEWERS = (Role.INSTITUTION_REVIEWER, Role.INSTITUTION_APPROVER)


class AssignForm(OutcomeForm):
    """指定复核人：只列出未参与原决定的审查、审批人员。"""

    needed_for: ClassVar = {"ASSIGN": ("reviewer",)}
    asks_colleague: ClassVar = "reviewer"
    colleague_roles: ClassVar = REVIEWERS
    barred_from: ClassVar = "deciders"
    reviewer = forms.TypedChoiceField(label="复核人（未参与原决定）", required=False, coerce=int)


class ReviewForm(OutcomeForm):
    """人工复核：不论维持还是撤销，都要写明理由，企业可见。"""

    needed_for: ClassVar = {"UPHOLD": ("review_reason",), "REOPEN": ("review_reason",)}
    review_reason = forms.CharField(
        label="复核理由（企业可见）", required=False, max_length=1_500, widget=forms.Textarea(attrs={"rows": 4})
    )


FORMS: dict[str, type[OutcomeForm]] = {"refusal_review.assign": AssignForm, "refusal_review.review": ReviewForm}
