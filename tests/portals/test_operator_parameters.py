"""The operator looks up and sets parameters and days; everybody else is refused, on record."""

import re
from datetime import timedelta

import pytest

from factories import parties
from finmart.centres.technical.audit.models import Entry
from finmart.centres.technical.parameters import queries
from finmart.centres.technical.parameters.models import Setting
from finmart.kit import clock
from finmart.portals.operator.parameters import SECTIONS

KEY = "bank_loan.deadline.acceptance"
PAGES = [
    "/operator/parameters/",
    f"/operator/parameters/{KEY}/",
    "/operator/calendar/",
    "/operator/calendar/2026-10-01/",
]


@pytest.fixture
def operator(client_of):
    return client_of(parties.operator())


def _change(client, key=KEY, **changes):
    wanted = {"value": "4", "valid_from": str(clock.today()), "source": "运营会议纪要 12 号", **changes}
    return client.post(f"/operator/parameters/{key}/", wanted)


@pytest.mark.clause("B13")
@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_the_operator_only(client_of, operator, page):
    assert operator.get(page).status_code == 200
    assert client_of(None).get(page).status_code == 302
    for stranger in (parties.enterprise(), parties.bank(), parties.person()):
        client = client_of(stranger)
        assert client.get(page).status_code == 403
        assert client.post(page, {}).status_code in {403, 405}
        assert Entry.objects.filter(person_id=stranger.person_id, outcome="DENIED").exists()


def test_a_list_page_takes_few_queries(operator, django_assert_max_num_queries):
    for page in PAGES:
        with django_assert_max_num_queries(12):
            operator.get(page)


@pytest.mark.clause("B13")
def test_a_new_value_counts_from_its_day(operator):
    later = clock.today() + timedelta(days=5)
    assert _change(operator, valid_from=str(later)).status_code == 302
    assert (queries.value(KEY), queries.value(KEY, later)) == (2, 4)
    page = operator.get(f"/operator/parameters/{KEY}/").content.decode()
    assert "待生效" in page
    assert "运营会议纪要 12 号" in page


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": "四"}, "请填写整数"),
        ({"value": "400"}, "不能大于 365"),
        ({"value": ""}, "这个字段是必填项"),
        ({"value": "2"}, "与该日生效的值相同"),
        ({"valid_from": "2020-01-01"}, "不能修改过去的日期"),
        ({"valid_from": "soon"}, "输入一个有效的日期"),
        ({"source": " "}, "这个字段是必填项"),
        ({"key": "limits.guarantor.single_client", "value": "0.2"}, "不能大于 0.1"),
    ],
)
def test_an_error_stands_beside_its_field(operator, change, told):
    answered = _change(operator, **change)
    assert answered.status_code == 422
    assert told in answered.content.decode()
    assert queries.value(KEY) == 2


@pytest.mark.parametrize(
    "page",
    [
        "/operator/parameters/no.such/",
        "/operator/calendar/2026-02-30/",
        "/operator/calendar/x/",
        "/operator/calendar/1815-06-18/",
        "/operator/calendar/?year=1815",
    ],
)
def test_what_is_not_there_is_not_found(operator, page):
    assert operator.get(page).status_code == 404


def test_every_section_of_the_pack_folds_under_a_name_in_words(operator):
    page = operator.get("/operator/parameters/").text
    held = Setting.objects.values_list("key", flat=True).distinct()
    assert {key.partition(".")[0] for key in held} <= SECTIONS.keys()
    folds = re.findall(r'<details class="filters"><summary>([^<]+)<span class="quiet fold-words">(\d+) 项', page)
    assert sum(int(number) for _, number in folds) == len(set(held))
    assert {name for name, _ in folds} <= set(SECTIONS.values())
    found = operator.get("/operator/parameters/?q=征信业管理条例").text
    assert '<details class="filters" open>' in found


def test_settings_are_found_by_words(operator):
    page = operator.get("/operator/parameters/?q=征信业管理条例").content.decode()
    assert "共 2 项" in page
    assert "没有符合条件的参数" in operator.get("/operator/parameters/?q=<b>").content.decode()


@pytest.mark.clause("B13")
def test_a_day_is_set_and_shown(operator):
    on = clock.today() + timedelta(days=1)
    was_working = queries.is_working_day(on)
    chosen = {"is_working": "0" if was_working else "1", "name": "台风停工", "source": "市政府通告"}
    assert operator.post(f"/operator/calendar/{on}/", {**chosen, "source": ""}).status_code == 422
    assert operator.post(f"/operator/calendar/{on}/", chosen).status_code == 302
    assert queries.is_working_day(on) is not was_working
    assert "台风停工" in operator.get(f"/operator/calendar/?year={on.year}").content.decode()
    yesterday = clock.today() - timedelta(days=1)
    assert "已过去的日期不能修改" in operator.get(f"/operator/calendar/{yesterday}/").content.decode()
    assert operator.post(f"/operator/calendar/{yesterday}/", chosen).status_code == 422


def test_a_year_nobody_announced_says_so(operator):
    assert "2027 年的节假日安排尚未公布" in operator.get("/operator/calendar/?year=2027").content.decode()
    assert "尚未公布" not in operator.get("/operator/calendar/?year=2026").content.decode()
