"""The regulator's first page: warnings by district and grade, what a failure would do; read-only (clauses D5, E4)."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from finmart.centres.governance.warnings import queries
from finmart.centres.governance.warnings.types import Grade, SignalCode
from finmart.centres.technical.parameters import queries as parameters_queries
from finmart.ui.forms import answer
from finmart.ui.requests import actor_of, signed_in

TONES = {Grade.RED: "red", Grade.ORANGE: "orange", Grade.YELLOW: "yellow", Grade.BLUE: "blue"}
MOST_DIGITS = 6  # of a page's number


class FilterForm(forms.Form):
    """What the list is narrowed to; the address holds it."""

    grade = forms.ChoiceField(label="等级", required=False, choices=[("", "全部"), *Grade.choices()])
    district = forms.ChoiceField(label="区域", required=False)
    signal = forms.ChoiceField(label="信号", required=False, choices=[("", "全部"), *SignalCode.choices()])

    def offer(self) -> None:
        """Put the city's districts into the list."""
        chosen = self.fields["district"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [("", "全部"), *((one.code, one.name) for one in parameters_queries.districts())]


@require_GET
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show what stands open, by district and grade and one by one, and the figures of the stress page."""
    actor, form = actor_of(request), FilterForm(request.GET)
    form.offer()
    known = form.cleaned_data if form.is_valid() else {}
    grade = Grade(known["grade"]) if known.get("grade") else None
    asked = request.GET.get("page", "")
    seen = queries.overseen_for(
        actor, grade=grade, district=known.get("district", ""),
        signal=SignalCode(known["signal"]) if known.get("signal") else None,
        page=int(asked) if asked.isdecimal() and len(asked) <= MOST_DIGITS else 1,
    )  # fmt: skip
    context = {
        "seen": seen,
        "rows": [(row, TONES[row.grade]) for row in seen.rows],
        "districts": [(name, [(TONES[grade], number) for grade, number in counted.items()], sum(counted.values()))
                      for name, counted in seen.by_district],
        "grades": [(grade.label, TONES[grade]) for grade in Grade],
        "stress": queries.overseen_stress_for(actor),
        "form": form,
        "is_narrowed": any(known.values()),
        "page": Paginator(range(seen.total), seen.size).page(seen.page),
    }  # fmt: skip
    return answer(request, "regulator/home.html", context)
