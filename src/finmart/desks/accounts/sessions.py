"""Coming in, choosing for whom to act, going out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from finmart.centres.technical.parties import operations, queries
from finmart.desks.accounts import demo, factors
from finmart.desks.accounts.forms import CodeForm, SignInForm
from finmart.kit.errors import Refusal
from finmart.ui.forms import answer
from finmart.ui.requests import actor_of, signed_in

BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Ask for name and password; who has a second factor is asked for it next."""
    if not actor_of(request).is_visitor:
        return redirect("/")
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        person: Any = form.get_user()
        if factors.is_enrolled(person.pk):
            factors.begin(request, person.pk, _destination(request))
            return redirect("accounts:second_factor")
        return _enter(request, person, destination=_destination(request), second_factor=False)
    if form.is_bound and not getattr(request, "axes_locked_out", False):
        _refused(request, str(form.data.get("username", "")), "登录名或密码不正确")
    return answer(request, "accounts/sign_in.html", _sign_in_page(request, form))


def _sign_in_page(request: HttpRequest, form: SignInForm) -> dict[str, object]:
    return {
        "form": form,
        "next": _destination(request),
        "demo_accounts": demo.accounts(),
    }


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """Ask for the code, within five minutes after the password was right."""
    pending = factors.pending(request)
    if pending is None:
        messages.info(request, "验证已超时，请重新登录")
        return redirect("accounts:sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = factors.person(pending.person_id)
        if factors.verify(request, person, form.cleaned_data["code"]):
            return _enter(request, person, destination=pending.destination, second_factor=True)
        form.add_error("code", "验证码不正确或已使用，请等待下一个验证码")
        if not getattr(request, "axes_locked_out", False):
            _refused(request, person.get_username(), "动态验证码不正确")
    return answer(request, "accounts/second_factor.html", {"form": form})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actor = actor_of(request)
    if not actor.is_visitor:
        operations.sign_out(actor)
    logout(request)
    messages.success(request, "您已退出登录")
    return redirect("/")


@signed_in
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose for which organisation to act, where one has several places."""
    actor = actor_of(request)
    if request.method == "POST":
        chosen = request.POST.get("membership", "")
        if not chosen.isdecimal():
            raise Refusal("请选择机构")
        operations.choose_organisation(actor, int(chosen))
        request.session["membership"] = int(chosen)
        destination = _destination(request)
        request.session.pop("after_choice", None)
        return redirect(destination)
    places = queries.memberships_of(actor.person_id or 0)
    return render(request, "accounts/choose.html", {"places": places, "next": _destination(request)})


def _enter(request: HttpRequest, person: Any, *, destination: str, second_factor: bool) -> HttpResponse:
    trace_id = actor_of(request).trace_id
    login(request, person, backend=BACKEND)
    operations.sign_in(queries.actor_for(person.pk, trace_id=trace_id), second_factor=second_factor)
    if len(queries.memberships_of(person.pk)) > 1:
        request.session["after_choice"] = destination
        return redirect("accounts:choose")
    return redirect(destination)


def _refused(request: HttpRequest, username: str, reason: str) -> None:
    operations.refuse_sign_in(actor_of(request), username=username, reason=reason, path=request.path)


def _destination(request: HttpRequest) -> str:
    """Return where to go next: an address of our own, else the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or request.session.get("after_choice") or "/"
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if allowed else "/"
