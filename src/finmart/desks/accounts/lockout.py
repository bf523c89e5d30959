"""What a locked-out person reads: that it is so, and until when."""

from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.db.models import Max
from django.http import HttpRequest, HttpResponse

from finmart.centres.technical.parties import operations
from finmart.kit import clock, transactions
from finmart.ui import errors
from finmart.ui.requests import actor_of


def answer(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:  # noqa: ARG001 - axes' signature
    """Answer 429 with the moment the lock ends, and record the attempt."""
    username = str((credentials or {}).get("username") or "")
    with transactions.opened():
        operations.refuse_sign_in(actor_of(request), username=username, reason="账户已锁定", path=request.path)
    latest = AccessAttempt.objects.filter(username=username).aggregate(latest=Max("attempt_time"))["latest"]
    wait = get_cool_off(request)
    if latest is None or wait is None:
        return errors.too_many(request, "登录失败次数过多，账户已锁定", "请稍后再试。")
    ends_at = (latest + wait + clock.shift()).astimezone(clock.CITY_ZONE)
    return errors.too_many(
        request,
        "登录失败次数过多，账户已暂时锁定",
        f"请在 {ends_at:%H:%M} 之后再试；忘记密码请联系本机构管理人员或平台客服。",
    )
