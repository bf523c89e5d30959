"""Components and filters of every page: ``{% load ui %}``. See this app's README for a snippet of each."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from finmart.kit import clock, money
from finmart.ui.icons import ICONS

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()
WAN_FEN = 1_000_000
DASH = "—"


@register.filter
def yuan(fen: int | str | None) -> str:
    """Write fen as ``1,234.50``; a missing amount is a dash, never a zero."""
    return DASH if fen is None or fen == "" else money.format_yuan(int(fen))


@register.filter
def wan(fen: int | str | None) -> str:
    """Write fen in ten thousand yuan: ``50 万元``, ``1.25 万元``."""
    if fen is None or fen == "":
        return DASH
    amount = (Decimal(int(fen)) / WAN_FEN).quantize(Decimal("0.01"))
    return f"{amount:,.2f}".rstrip("0").rstrip(".") + " 万元"


@register.simple_tag
def wan_range(low_fen: int, high_fen: int) -> str:
    """Write a range of amounts: ``10～500 万元``."""
    return f"{wan(low_fen).removesuffix(' 万元')}～{wan(high_fen)}"


@register.filter
def capitals(fen: int | str | None) -> str:
    """Write fen in formal capitals (金额大写)."""
    return DASH if fen is None or fen == "" else money.in_capitals(int(fen))


@register.filter
def percent(rate: Decimal | float | str | None, places: int = 2) -> str:
    """Write a fraction as percent: ``0.0435`` → ``4.35%``."""
    return DASH if rate is None or rate == "" else f"{Decimal(str(rate)) * 100:.{places}f}%"


@register.filter
def moment(at: datetime | None) -> str:
    """Write a moment in the city's time: ``2026-11-22 09:05``."""
    return DASH if not at else f"{at.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}"


@register.filter
def day(on: date | datetime | None) -> str:
    """Write a calendar day: ``2026-11-22``."""
    if not on:
        return DASH
    return f"{(on.astimezone(clock.CITY_ZONE) if isinstance(on, datetime) else on):%Y-%m-%d}"


@register.filter
def time_left(due_at: datetime | None) -> str:
    """Write how far a moment is: ``还剩 2 天 3 小时``, ``已超时 5 小时``; empty where there is none."""
    if not due_at:
        return ""
    gap = due_at - clock.now()
    text = _span(abs(gap))
    return f"还剩 {text}" if gap > timedelta() else f"已超时 {text}"


def _span(gap: timedelta) -> str:
    hours, minutes = divmod(int(gap.total_seconds()) // 60, 60)
    if hours >= 24:
        return f"{hours // 24} 天" + (f" {hours % 24} 小时" if hours % 24 else "")
    return f"{hours} 小时" + (f" {minutes} 分" if hours < 2 and minutes else "") if hours else f"{minutes} 分钟"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon. Without ``label`` it is decoration and hidden from readers."""
    hidden = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" focusable="false" {}><path d="{}"/></svg>',
        hidden, ICONS.get(name, ICONS["circle"]),
    )  # fmt: skip


@register.simple_tag
def badge(text: Any, tone: str = "grey") -> SafeString:
    """Draw a state: tones ``grey blue green orange red purple``. The text says it too, colour never alone."""
    return format_html('<span class="tag tag-{}">{}</span>', tone, text)


@register.simple_block_tag
def card(content: str, title: str = "", icon_name: str = "", extra: str = "", *, flush: bool = False) -> SafeString:
    """Frame a block. ``extra`` is text on the right of the title; ``flush`` lets a table touch the edges."""
    head = (
        format_html(
            '<div class="card-header"><h2 class="card-title">{}{}</h2>{}</div>',
            icon(icon_name) if icon_name else "", title,
            format_html('<div class="card-actions">{}</div>', extra) if extra else "",
        )
        if title
        else ""
    )  # fmt: skip
    body = content if flush else format_html('<div class="card-body">{}</div>', content)
    return format_html('<section class="card">{}{}</section>', head, body)


@register.simple_tag
def trend(values: Iterable[Decimal | float | int], label: str, most: Decimal | float | None = None) -> SafeString:
    """Draw numbers, the oldest first, as a small line; ``most`` is drawn as a dashed line across.

    The page writes the same numbers as text or in a table. One number alone is no trend: nothing is drawn.
    """
    numbers = [float(value) for value in values]
    if len(numbers) < 2:
        return SafeString("")
    top = max([*numbers, float(most or 0)]) or 1.0
    wide, high, edge = 120, 28, 2
    step = (wide - 2 * edge) / (len(numbers) - 1)
    places = [(f"{edge + place * step:.1f}", _height(value, top, high)) for place, value in enumerate(numbers)]
    limit = _height(float(most), top, high) if most is not None else None
    return format_html(
        '<svg width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}'
        '<polyline fill="none" stroke="currentColor" stroke-width="1.5" points="{}"/>'
        '<circle cx="{}" cy="{}" r="2" fill="currentColor"/></svg>',
        wide, high, wide, high, label,
        format_html(
            '<line x1="0" y1="{}" x2="{}" y2="{}" stroke="currentColor" stroke-dasharray="3 3" opacity="0.5"/>',
            limit, wide, limit,
        ) if limit is not None else "",
        " ".join(f"{across},{up}" for across, up in places), *places[-1],
    )  # fmt: skip


def _height(value: float, top: float, high: int, edge: int = 2) -> str:
    return f"{high - edge - value / top * (high - 2 * edge):.1f}"


@register.inclusion_tag("ui/stat.html")
def stat(label: str, value: Any, url: str = "", tone: str = "blue", icon_name: str = "", note: str = "") -> Any:
    """Draw a number with its name; with ``url`` the number is a link to the list it counts."""
    return {"label": label, "value": value, "url": url, "tone": tone, "icon_name": icon_name, "note": note}


@register.inclusion_tag("ui/empty.html")
def empty(text: str = "暂无记录", note: str = "", url: str = "", action: str = "") -> Any:
    """Say that there is nothing, and offer what to do."""
    return {"text": text, "note": note, "url": url, "action": action}


@register.inclusion_tag("ui/steps.html")
def steps(entries: Iterable[Mapping[str, Any]], label: str = "办理进度") -> Any:
    """Draw a 步骤条 from ``{"label", "state": "done"|"current"|"todo"|"failed", "note"}`` rows (7 at most)."""
    rows = list(entries)
    return {"entries": rows, "label": label}


@register.inclusion_tag("ui/timeline.html")
def timeline(entries: Iterable[Any]) -> Any:
    """Draw a 时间线 from rows with ``at who what`` and optional ``text tone attachments left organisation``."""
    return {"entries": list(entries)}


@register.inclusion_tag("ui/tabs.html")
def tabs(entries: Iterable[Mapping[str, Any]], label: str = "页签") -> Any:
    """Draw tabs as links from ``{"label", "url", "current", "count"}`` rows."""
    return {"entries": list(entries), "label": label}


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], parameter: str = "page", within: str = "") -> Any:
    """Draw the pages of a Django ``Page``; the filter stays in the address.

    ``within`` is the id of the part of the page that alone is fetched anew (by htmx), so the reader stays there.
    """
    query = context["request"].GET.copy()

    def address(number: int) -> str:
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    elided = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "within": within,
        "links": [(number, address(number) if isinstance(number, int) else "") for number in elided],
        "previous": address(page.number - 1) if page.has_previous() else "",
        "next": address(page.number + 1) if page.has_next() else "",
    }


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """Return ``?…`` of the present address with some parameters changed; None or empty removes one."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        if value in {None, ""}:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.filter
def chosen(options: Iterable[Mapping[str, Any]]) -> int:
    """Count the options of a group of choices that are chosen."""
    return sum(1 for option in options if option["selected"])


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw a field's control with the classes the style sheet knows."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return field.as_widget()
    if isinstance(widget, forms.CheckboxInput):
        style = "form-check-input"
    elif isinstance(widget, forms.Select):
        style = "form-select"
    else:
        style = "form-control"
    given = str(widget.attrs.get("class", ""))
    return field.as_widget(attrs={"class": f"{style} {given}{' is-invalid' if field.errors else ''}".strip()})


@register.filter
def control_kind(field: BoundField) -> str:
    """Return ``check``, ``group`` or ``plain``: how label and control stand to each other."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "check" if isinstance(widget, forms.CheckboxInput) else "plain"


@register.filter
def is_overdue(due_at: datetime | None) -> bool:
    """Say whether a deadline has passed."""
    return due_at is not None and due_at < clock.now()
