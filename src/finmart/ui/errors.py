"""Pages for what goes wrong outside a refusal: not found, forbidden, too many attempts, our own failure."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def _page(request: HttpRequest, status: int, message: str, remedy: str) -> HttpResponse:
    trace_id = getattr(getattr(request, "actor", None), "trace_id", "")
    context = {"message": message, "remedy": remedy, "trace_id": trace_id, "status": status}
    return render(request, "ui/problem.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return _page(request, 400, "请求无法识别", "请返回上一页重试。")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, 403, "您无权访问该页面", "如需办理，请切换到有权限的机构或联系本机构管理员。")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return _page(request, 403, "页面已过期，内容没有提交", "请返回上一页，刷新后重新提交。")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _page(request, 404, "没有找到该页面", "请检查网址，或从首页重新进入。")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that asks nothing of the database: that may be what failed."""
    context = {
        "message": "系统出现故障，您的操作没有生效",
        "remedy": "请稍后重试；仍有问题请把下面的编号告诉客服。",
        "trace_id": getattr(getattr(request, "actor", None), "trace_id", ""),
    }
    return HttpResponse(render_to_string("ui/broken.html", context), status=500)


def too_many(request: HttpRequest, message: str, remedy: str) -> HttpResponse:
    """Answer 429: who tries too often waits, and reads until when."""
    return _page(request, 429, message, remedy)
