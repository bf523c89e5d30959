"""One's own account: password and second factor."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.technical.parties import operations
from finmart.desks.accounts import factors
from finmart.desks.accounts.forms import CodeForm, PasswordForm
from finmart.kit import qr
from finmart.kit.errors import Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in

ENROLLING = "second_factor_secret"


@signed_in
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the account and what protects it."""
    actor = actor_of(request)
    account = factors.person(actor.person_id or 0)
    context = {"username": account.get_username(), "enrolled": factors.is_enrolled(account.pk)}
    return render(request, "accounts/security.html", context)


@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password; other sessions of the account end."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actor = actor_of(request)
        try:
            operations.change_password(actor, old=form.cleaned_data["old"], new=form.cleaned_data["new"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            update_session_auth_hash(request, factors.person(actor.person_id or 0))
            messages.success(request, "密码已修改，其他设备上的登录已失效")
            return redirect("accounts:security")
    return answer(request, "accounts/password.html", {"form": form})


@never_cache
@signed_in
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the QR code; keep the secret once a code proves that the authenticator has it."""
    actor = actor_of(request)
    account = factors.person(actor.person_id or 0)
    if factors.is_enrolled(account.pk):
        return redirect("accounts:security")
    secret = request.session.setdefault(ENROLLING, factors.new_secret())
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        codes = factors.enrol(account, secret, form.cleaned_data["code"])
        if codes is not None:
            del request.session[ENROLLING]
            operations.enrol_second_factor(actor)
            return render(request, "accounts/recovery_codes.html", {"codes": codes})
        form.add_error("code", "验证码不正确，请核对手机时间是否准确")
    picture = qr.svg_address(factors.address_of(account, secret), scale=4)
    return answer(request, "accounts/enrol.html", {"form": form, "secret": secret, "picture": picture})


@signed_in
@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Stop asking for the second factor, after one more code."""
    actor = actor_of(request)
    account = factors.person(actor.person_id or 0)
    if not factors.verify(request, account, request.POST.get("code", "").strip()):
        raise Refusal("验证码不正确或已使用", remedy="请返回上一页，等待下一个验证码后重试")
    factors.remove(account.pk)
    operations.remove_second_factor(actor)
    messages.success(request, "已停用动态验证码")
    return redirect("accounts:security")
