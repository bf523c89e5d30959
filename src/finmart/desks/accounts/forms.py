"""The forms of accounts; what they ask is checked again by the operations."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from finmart.centres.technical.parties.types import ConflictKind, MandateScope, PersonRef, Role
from finmart.ui.forms import DayInput


class SignInForm(AuthenticationForm):
    """Name and password; the answer to a wrong pair does not say which of the two is wrong."""

    error_messages = {"invalid_login": "登录名或密码不正确", "inactive": "该账户已停用"}

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self.fields["username"].label = "登录名"
        self.fields["password"].label = "密码"

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()


class CodeForm(forms.Form):
    """Six digits of an authenticator, or one of the recovery codes."""

    code = forms.CharField(label="动态验证码", max_length=20, help_text="身份验证器应用中显示的 6 位数字，或一个备用码")

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self.fields["code"].widget.attrs.update({"autocomplete": "one-time-code", "inputmode": "numeric"})

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).replace(" ", "")


class PasswordForm(forms.Form):
    """Old and new password; the new one twice."""

    old = forms.CharField(
        label="原密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 个字符，不能全是数字，不能是常见密码或与登录名相近",
    )
    again = forms.CharField(
        label="再次输入新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError("两次输入的新密码不一致")
        return again


class MemberForm(forms.Form):
    """A colleague who joins: a new account, or one that exists under the same two names."""

    full_name = forms.CharField(label="姓名", max_length=60)
    username = forms.CharField(
        label="登录名", max_length=60, help_text="字母、数字或 . _ - @；已有平台账户的填其登录名"
    )
    roles = forms.MultipleChoiceField(label="角色", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *words: Any, roles: list[Role], **named: Any) -> None:
        super().__init__(*words, **named)
        _offer(self, roles)


class RolesForm(forms.Form):
    """The roles of one colleague."""

    roles = forms.MultipleChoiceField(label="角色", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *words: Any, roles: list[Role], **named: Any) -> None:
        super().__init__(*words, **named)
        _offer(self, roles)


class MandateForm(forms.Form):
    """Who may sign what, until which day (that day included)."""

    person = forms.TypedChoiceField(label="被授权人", coerce=int)
    scope = forms.ChoiceField(label="可签署文件", choices=MandateScope.choices())
    valid_to = forms.DateField(label="授权至", widget=DayInput(), help_text="含当日")

    def __init__(self, *words: Any, people: list[PersonRef], **named: Any) -> None:
        super().__init__(*words, **named)
        _offer_people(self, "person", people)


class DeputyForm(forms.Form):
    """Who stands in for me, from and to which day (both included)."""

    deputy = forms.TypedChoiceField(label="代理人", coerce=int)
    valid_from = forms.DateField(label="开始日期", widget=DayInput())
    valid_to = forms.DateField(label="结束日期", widget=DayInput(), help_text="含当日")

    def __init__(self, *words: Any, people: list[PersonRef], **named: Any) -> None:
        super().__init__(*words, **named)
        _offer_people(self, "deputy", people)


class ConflictForm(forms.Form):
    """Who is tied to which organisation, and how."""

    person = forms.TypedChoiceField(label="人员", coerce=int)
    credit_code = forms.CharField(label="对方统一社会信用代码", max_length=18, min_length=18)
    kind = forms.ChoiceField(label="关系", choices=ConflictKind.choices())
    note = forms.CharField(label="说明（选填）", max_length=500, required=False)

    def __init__(self, *words: Any, people: list[PersonRef], **named: Any) -> None:
        super().__init__(*words, **named)
        _offer_people(self, "person", people)


def _offer(form: forms.Form, roles: list[Role]) -> None:
    field = form.fields["roles"]
    if isinstance(field, forms.MultipleChoiceField):
        field.choices = [(role.value, role.label) for role in roles]


def _offer_people(form: forms.Form, name: str, people: list[PersonRef]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = [("", "请选择"), *((person.id, person.full_name) for person in people)]
