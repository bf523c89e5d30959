"""What the filters and components write."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from finmart.kit import clock
from finmart.ui.templatetags import ui


def drawn(text, **context):
    request = RequestFactory().get("/cases/", {"state": "OPEN", "page": "2"})
    return engines["django"].from_string("{% load ui %}" + text).render(context, request)


@pytest.mark.parametrize(
    ("fen", "written"),
    [(123_450, "1,234.50"), (0, "0.00"), (-5, "-0.05"), (None, "—"), ("", "—")],
)
def test_yuan_never_writes_a_missing_amount_as_zero(fen, written):
    assert ui.yuan(fen) == written


@pytest.mark.parametrize(
    ("fen", "written"),
    [(50_000_000, "50 万元"), (1_250_000, "1.25 万元"), (0, "0 万元"), (10_000_000_000, "10,000 万元"), (None, "—")],
)
def test_wan_is_short_and_exact_to_two_places(fen, written):
    assert ui.wan(fen) == written


def test_ranges_rates_and_days():
    assert ui.wan_range(10_000_000, 500_000_000) == "10～500 万元"
    assert ui.percent(Decimal("0.0435")) == "4.35%"
    assert ui.percent(0) == "0.00%"
    assert ui.percent(None) == "—"
    assert ui.day(date(2020, 3, 2)) == "2020-03-02"
    assert ui.day(datetime(2020, 3, 1, 20, tzinfo=UTC)) == "2020-03-02"
    assert ui.moment(datetime(2020, 3, 1, 20, 5, tzinfo=UTC)) == "2020-03-02 04:05"
    assert ui.moment(None) == ui.day(None) == "—"


@pytest.mark.parametrize(
    ("gap", "written"),
    [
        (timedelta(days=2, hours=3, minutes=1), "还剩 2 天 3 小时"),
        (timedelta(days=2, minutes=1), "还剩 2 天"),
        (timedelta(hours=5, minutes=1), "还剩 5 小时"),
        (timedelta(hours=1, minutes=21), "还剩 1 小时 20 分"),
        (timedelta(minutes=9, seconds=30), "还剩 9 分钟"),
        (timedelta(hours=-5, minutes=-1), "已超时 5 小时"),
    ],
)
def test_time_left_reads_like_a_person_says_it(gap, written):
    with clock.moved_to(datetime(2020, 3, 2, 1, tzinfo=UTC)):
        shown = ui.time_left(clock.now() + gap)
    assert shown in {written, written.replace("20 分", "21 分")}
    assert ui.time_left(None) == ""


def test_what_people_write_is_never_markup():
    evil = "<script>x</script>"
    for text in (
        "{% badge evil %}",
        "{% stat evil 1 note=evil %}",
        "{% empty evil evil %}",
        "{% card evil %}{{ evil }}{% endcard %}",
        "{% steps rows %}{% tabs rows %}{% timeline rows %}",
    ):
        rows = [{"label": evil, "note": evil, "state": "todo", "url": evil, "who": evil, "what": evil, "text": evil}]
        assert "<script>" not in drawn(text, evil=evil, rows=rows)


def test_pages_keep_the_filter_of_the_address():
    page = drawn("{% pagination page %}", page=Paginator(range(95), 10).page(2))
    assert "?state=OPEN&amp;page=3" in page
    assert "共 95 条，第 2 / 10 页" in page
    assert drawn("{% with_query sort='RATE' page=None %}") == "?state=OPEN&amp;sort=RATE"
    assert "<ul>" not in drawn("{% pagination page %}", page=Paginator([], 10).page(1))


def test_a_card_without_title_has_no_head_and_a_flush_one_no_body():
    assert "card-header" not in drawn("{% card %}x{% endcard %}")
    assert "card-body" not in drawn("{% card 'T' flush=True %}x{% endcard %}")
    assert "查看" in drawn("{% card 'T' extra='查看' %}x{% endcard %}")


def test_a_trend_draws_its_numbers_and_the_limit_and_nothing_for_one_number_alone():
    text = drawn(
        "{% trend numbers name most=limit %}", numbers=[0, Decimal("0.5"), 1], limit=Decimal("0.5"), name="<比例>"
    )
    assert 'points="2.0,26.0 60.0,14.0 118.0,2.0"' in text
    assert 'y1="14.0"' in text
    assert "&lt;比例&gt;" in text
    assert drawn("{% trend numbers 'x' %}", numbers=[1]) == ""
    assert 'points="2.0,26.0 118.0,26.0"' in drawn("{% trend numbers 'x' %}", numbers=[0, 0])
