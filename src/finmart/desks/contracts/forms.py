"""What a person fills in to bind an organisation."""

from django import forms


class SigningForm(forms.Form):
    has_read = forms.BooleanField(
        label="我已下载并阅读合同全文，确认以电子签名方式签署",
        error_messages={"required": "请先阅读合同并勾选确认"},
    )


class VoidingForm(forms.Form):
    reason = forms.CharField(label="作废原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
