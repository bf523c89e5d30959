"""Sources over real HTTP: pages, limits, time-outs, errors, nonsense, and columns that change without a word."""

import threading
from datetime import date
from functools import reduce

import httpx
import pytest

from finmart.integrations.data_sharing import client as client_module
from finmart.integrations.data_sharing.client import SourceClient, connected
from finmart.integrations.data_sharing.office import Office
from finmart.integrations.data_sharing.simulator import make_sources
from finmart.integrations.data_sharing.types import (
    Demand,
    OfferedColumn,
    RequestState,
    SourceBusy,
    SourceMistake,
    SourceUnavailable,
    chained,
    record_hash,
)

SECRET = b"shared between two test processes"
COLUMNS = [{"name": "cases", "kind": "INTEGER"}, {"name": "dishonest", "kind": "BOOLEAN"}]
RECORDS = [
    {"key": f"C{n}", "credit_code": f"code{n}", "as_of_on": "2026-10-31", "cases": n, "dishonest": False}
    for n in range(7)
]
ON = date(2026, 11, 1)


@pytest.fixture
def url(tmp_path):
    with make_sources(tmp_path / "sources.sqlite", SECRET) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def office(url):
    made = Office(url, SECRET, "court")
    made.have_columns(COLUMNS)
    made.supply("2026-10", ON, RECORDS)
    return made


@pytest.fixture
def client(url, office):
    with SourceClient(url, SECRET, "court", pause=lambda _: None) as made:
        yield made


def test_a_batch_is_announced_and_read_page_by_page(client, office):
    announced = client.next_batch("")
    assert (announced.number, announced.records, announced.supplied_on) == ("2026-10", 7, ON)
    pages = [client.page("2026-10", number, 3) for number in (1, 2, 3)]
    assert [len(page.records) for page in pages] == [3, 3, 1]
    assert [page.has_more for page in pages] == [True, True, False]
    read = [dict(record) for page in pages for record, _ in page.records]
    assert read == RECORDS
    assert reduce(chained, map(record_hash, read), "") == announced.digest
    assert client.next_batch(announced.cursor) is None
    office.supply("2026-11", ON, RECORDS[:1])
    assert client.next_batch(announced.cursor).number == "2026-11"


def test_columns_change_without_a_word(client, office):
    assert client.columns() == (OfferedColumn("cases", "INTEGER"), OfferedColumn("dishonest", "BOOLEAN"))
    office.drift(rename={"cases": "case_count"}, drop=["dishonest"], retype={"cases": "TEXT"})
    assert client.columns() == (OfferedColumn("case_count", "TEXT"),)
    assert client.page("2026-10", 1, 3).records[2][0]["case_count"] == "2"
    office.drift()
    assert len(client.columns()) == 2


def test_passing_errors_are_tried_again_and_lasting_ones_said(client, office):
    office.fail("ERROR", times=2)
    assert client.next_batch("").records == 7
    office.fail("GARBLED")
    assert client.next_batch("").records == 7
    office.fail("ERROR", times=3)
    with pytest.raises(SourceUnavailable, match="HTTP 503，已试 3 次"):
        client.next_batch("")


def test_a_source_that_hangs_or_is_gone_is_unavailable(url, office):
    office.fail("TIMEOUT", seconds=0.5)
    with (
        SourceClient(url, SECRET, "court", timeout_seconds=0.1, attempts=1) as hurried,
        pytest.raises(SourceUnavailable, match="超时"),
    ):
        hurried.columns()
    with SourceClient("http://127.0.0.1:9", SECRET, "court", attempts=1) as gone, pytest.raises(SourceUnavailable):
        gone.columns()


def test_a_source_that_asks_for_patience_is_not_pressed(client, office):
    office.fail("BUSY", seconds=17)
    with pytest.raises(SourceBusy) as busy:
        client.columns()
    assert busy.value.seconds == 17
    office.limit(1)
    assert client.columns()
    with pytest.raises(SourceBusy) as busy:
        client.columns()
    assert 0 < busy.value.seconds <= 61


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("5", 5, 5), ("-3", 0, 0), ("nan", 60, 60), ("soon", 60, 60), ("1e12", 86_400, 86_400),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)],
)  # fmt: skip
def test_patience_is_read_as_seconds_or_as_a_moment(header, low, high):
    assert low <= client_module._patience(header) <= high


def test_what_is_wrong_with_us_is_a_mistake(url, office, client):
    with SourceClient(url, b"another secret", "court") as stranger, pytest.raises(SourceMistake, match="401"):
        stranger.columns()
    with SourceClient(url, SECRET, "nobody") as lost, pytest.raises(SourceMistake, match="404"):
        lost.columns()
    with pytest.raises(SourceMistake, match="404"):
        client.page("2030-01", 1, 3)


def test_an_answer_nobody_can_read_is_no_answer(client, office):
    office.supply("2026-10", ON, RECORDS, announced=-1)
    with pytest.raises(SourceUnavailable, match="不合约定"):
        client.next_batch("")


def test_a_demand_comes_once_and_is_answered(client, office):
    demand = Demand("d-1", "SUPPLY", "court", "请补送 10 月数据", ON)
    assert client.ask_for(demand) == client.ask_for(demand) == client.reply_to("d-1")
    assert client.reply_to("d-1").state is RequestState.OPEN
    office.reply("d-1", "ANSWERED", "已在 2026-11 批次补送")
    assert client.reply_to("d-1").text == "已在 2026-11 批次补送"


def test_only_a_simulator_on_this_machine_is_spoken_to_without_a_secret(settings):
    settings.FINMART_SOURCES_URL, settings.FINMART_SOURCE_URLS = "", {}
    with pytest.raises(SourceUnavailable, match="FINMART_SOURCES_URL"):
        connected("tax")
    settings.FINMART_SOURCE_URLS = {"tax": "https://tax.example"}
    settings.FINMART_SOURCES_SECRET = ""
    with pytest.raises(SourceUnavailable, match="FINMART_SOURCES_SECRET"):
        connected("tax")


def test_the_office_is_closed_to_strangers(url):
    with pytest.raises(httpx.HTTPStatusError):
        Office(url, b"another", "court").fail("ERROR")
