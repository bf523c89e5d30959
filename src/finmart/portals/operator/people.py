"""Finding somebody who asks the operator for help by their telephone number or e-mail address (clause D2)."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from finmart.centres.technical.masking import queries as masking_queries
from finmart.centres.technical.parties import operations
from finmart.portals.operator.products import staff
from finmart.ui.forms import answer, done
from finmart.ui.requests import signed_in


class FindForm(forms.Form):
    """What reaches the person; it goes by POST, so that it stands in no address and no log."""

    reached_by = forms.CharField(
        label="手机号码或电子邮箱", max_length=254, help_text="须与登记的完全一致；平台只存密文，不能模糊查找"
    )


@require_http_methods(["GET", "POST"])
@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Show whom a telephone number or address reaches, names masked; the look-up itself is on the trail."""
    actor = staff(request)
    form = FindForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form, "rows": None}

    def look() -> None:
        found = operations.find_persons(actor, form.cleaned_data["reached_by"])
        context["rows"] = [
            (masking_queries.name_of_partner(actor, one.full_name, organisation_id=None, person_id=one.id), one)
            for one in found
        ]

    if request.method == "POST":
        done(form, look)
    return answer(request, "operator/people.html", context)
