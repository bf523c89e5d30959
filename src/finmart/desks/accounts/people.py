"""The people of one's organisation, who may sign for it, and who stands in for whom."""

import secrets
from datetime import date, datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from finmart.centres.technical.parties import operations, queries
from finmart.centres.technical.parties.types import MandateScope, PersonRef, Role
from finmart.desks.accounts.forms import DeputyForm, MandateForm, MemberForm, RolesForm
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import NotFound, Refusal
from finmart.ui.forms import add_refusal, answer
from finmart.ui.requests import actor_of, signed_in


@signed_in
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    """List the organisation's people; its legal person or administrator adds one."""
    actor = actor_of(request)
    form = MemberForm(request.POST if request.method == "POST" else None, roles=queries.roles_offered_to(actor))
    if form.is_valid() and _added(request, actor, form):
        return redirect("accounts:members")
    context = {"form": form, "members": queries.members_for(actor), "manages": queries.can_manage_members(actor)}
    return answer(request, "accounts/members.html", context)


def _added(request: HttpRequest, actor: Actor, form: MemberForm) -> bool:
    chosen = form.cleaned_data
    password = ""
    try:
        with transactions.opened():
            person = queries.person_named(chosen["username"], chosen["full_name"])
            if person is None:
                password = secrets.token_urlsafe(12)
                person = operations.register_person(
                    actor, username=chosen["username"], full_name=chosen["full_name"], password=password
                )
            operations.add_member(
                actor,
                person_id=person.id,
                organisation_id=actor.organisation_id or 0,
                roles=[Role(code) for code in chosen["roles"]],
            )
    except Refusal as refusal:
        add_refusal(form, refusal)
        return False
    told = f"，初始密码 {password}（只显示这一次，请当面或用安全方式告知）" if password else ""
    messages.success(request, f"已添加 {person.full_name}{told}")
    return True


@signed_in
@require_http_methods(["GET", "POST"])
def roles(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Change what a colleague may do."""
    actor = actor_of(request)
    member = next((row for row in queries.members_for(actor) if row.membership_id == membership_id), None)
    if member is None or not member.can_change:
        raise NotFound("没有找到可修改的人员")
    form = RolesForm(
        request.POST if request.method == "POST" else None,
        roles=queries.roles_offered_to(actor),
        initial={"roles": list(member.roles)},
    )
    if form.is_valid():
        try:
            with transactions.opened():
                operations.change_roles(actor, membership_id, roles=[Role(c) for c in form.cleaned_data["roles"]])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"已修改 {member.person.full_name} 的角色")
            return redirect("accounts:members")
    return answer(request, "accounts/roles.html", {"form": form, "member": member})


@signed_in
@require_POST
def end_membership(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Take a colleague out; mandates and stand-ins end with it."""
    operations.end_membership(actor_of(request), membership_id)
    messages.success(request, "已移除该人员，其授权和代理同时终止")
    return redirect("accounts:members")


@signed_in
@require_GET
def mandates(request: HttpRequest) -> HttpResponse:
    """Show who may sign and who stands in."""
    return _mandates_page(request, None, None)


@signed_in
@require_POST
def grant_mandate(request: HttpRequest) -> HttpResponse:
    """Let a colleague sign until a day."""
    actor = actor_of(request)
    form = MandateForm(request.POST, people=_colleagues(actor))
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            with transactions.opened():
                operations.grant_mandate(
                    actor,
                    person_id=chosen["person"],
                    organisation_id=actor.organisation_id or 0,
                    scope=MandateScope(chosen["scope"]),
                    valid_to=_after(chosen["valid_to"]),
                )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "授权已生效")
            return redirect("accounts:mandates")
    return _mandates_page(request, form, None)


@signed_in
@require_POST
def revoke_mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """End a mandate."""
    operations.revoke_mandate(actor_of(request), mandate_id)
    messages.success(request, "授权已撤销，即时生效")
    return redirect("accounts:mandates")


@signed_in
@require_POST
def appoint_deputy(request: HttpRequest) -> HttpResponse:
    """Name who stands in for me."""
    actor = actor_of(request)
    form = DeputyForm(request.POST, people=_others(actor), auto_id="deputy_%s")
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            with transactions.opened():
                operations.appoint_deputy(
                    actor,
                    deputy_id=chosen["deputy"],
                    valid_from=_start(chosen["valid_from"]),
                    valid_to=_after(chosen["valid_to"]),
                )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "代理已设置")
            return redirect("accounts:mandates")
    return _mandates_page(request, None, form)


@signed_in
@require_POST
def end_deputy(request: HttpRequest, deputy_id: int) -> HttpResponse:
    """End a stand-in."""
    operations.end_deputy(actor_of(request), deputy_id)
    messages.success(request, "代理已结束")
    return redirect("accounts:mandates")


def _mandates_page(request: HttpRequest, mandate: forms.Form | None, deputy: forms.Form | None) -> HttpResponse:
    actor = actor_of(request)
    grants = queries.can_grant_mandates(actor)
    context = {
        "mandates": queries.mandates_for(actor),
        "deputies": queries.deputies_for(actor),
        "mandate_form": (mandate or MandateForm(people=_colleagues(actor))) if grants else None,
        "deputy_form": deputy
        or DeputyForm(people=_others(actor), auto_id="deputy_%s", initial={"valid_from": clock.today()}),
    }
    return answer(request, "accounts/mandates.html", context)


def _colleagues(actor: Actor) -> list[PersonRef]:
    return queries.members_with_role(actor.organisation_id or 0)


def _others(actor: Actor) -> list[PersonRef]:
    return [person for person in _colleagues(actor) if person.id != actor.person_id]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.CITY_ZONE)


def _after(day: date) -> datetime:
    """Return the first moment after ``day``: limits shown to people include their last day."""
    return _start(day + timedelta(days=1))
