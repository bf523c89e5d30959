"""The bank core over real HTTP: one transfer per key, whatever the line does."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from finmart.integrations.bank_core import client as client_module
from finmart.integrations.bank_core.client import BankCoreClient
from finmart.integrations.bank_core.simulator import OPENING_FEN, make_bank_core
from finmart.integrations.bank_core.types import BankCoreMistake, BankCoreUnavailable, Leg, TransferOrder
from finmart.kit import clock
from finmart.kit.signing import signature

SECRET = b"shared between two test processes"


@pytest.fixture
def bank_core(tmp_path):
    with make_bank_core(tmp_path / "books.sqlite", SECRET) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _client(url, **options):
    return BankCoreClient(url, SECRET, pause=lambda _: None, **options)


def _order(key="k1", amount_fen=1_000, payer="LENDER-1"):
    return TransferOrder(key, payer, (Leg("6222000000000001", "𠮷野家电器厂", "示例银行", amount_fen),), "放款")


def _fail(client, **wanted):
    client._asked("POST", "/failures", wanted)


def _statement(client, account="LENDER-1"):
    return client.statement(account, clock.today(), clock.today() + timedelta(days=1))


def test_the_same_order_twice_moves_money_once(bank_core):
    client = _client(bank_core)
    first, second = client.transfer(_order()), client.transfer(_order())
    assert first.succeeded
    assert first == second == client.receipt_of("k1")
    assert [line.amount_fen for line in _statement(client)] == [-1_000]
    assert [line.amount_fen for line in _statement(client, "6222000000000001")] == [1_000]


def test_eight_threads_with_one_key_move_money_once(bank_core):
    with ThreadPoolExecutor(8) as pool:
        receipts = set(pool.map(lambda _: _client(bank_core).transfer(_order()).reference, range(8)))
    assert len(receipts) == 1
    assert len(_statement(_client(bank_core))) == 1


def test_a_key_may_not_be_used_for_another_transfer(bank_core):
    client = _client(bank_core)
    client.transfer(_order())
    with pytest.raises(BankCoreMistake, match="409"):
        client.transfer(_order(amount_fen=2_000))


def test_a_refusal_is_final_and_books_nothing(bank_core):
    client = _client(bank_core)
    receipt = client.transfer(_order(amount_fen=OPENING_FEN + 1))
    assert (receipt.succeeded, receipt.reason_code, receipt.reason) == (False, "INSUFFICIENT", "账户余额不足")
    _fail(client, kind="NAME_MISMATCH")
    assert client.transfer(_order("k2")).reason_code == "NAME_MISMATCH"
    assert _statement(client) == []


def test_errors_are_repeated_with_the_same_key(bank_core):
    client = _client(bank_core)
    _fail(client, kind="ERROR", times=2)
    assert client.transfer(_order()).succeeded
    assert len(_statement(client)) == 1


def test_a_time_out_after_the_booking_is_found_out_by_asking_again(bank_core):
    _fail(_client(bank_core), kind="TIMEOUT_AFTER", seconds=0.8)
    with pytest.raises(BankCoreUnavailable, match="TimeoutError"):
        _client(bank_core, timeout_seconds=0.25, attempts=1).transfer(_order())
    assert _client(bank_core).receipt_of("k1").succeeded
    assert _client(bank_core).transfer(_order()).succeeded
    assert len(_statement(_client(bank_core))) == 1


def test_an_order_never_seen_has_no_receipt(bank_core):
    assert _client(bank_core).receipt_of("nobody sent/this?") is None


def test_nobody_there_is_unavailable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(BankCoreUnavailable):
            _client(f"http://127.0.0.1:{taken.getsockname()[1]}").transfer(_order())


def test_an_unsigned_a_stale_and_a_replayed_request_are_refused(bank_core):
    with pytest.raises(BankCoreMistake, match="BAD_SIGNATURE"):
        BankCoreClient(bank_core, b"another secret").receipt_of("k1")

    def sent(stamp, nonce, body=b""):
        signed = signature(SECRET, "GET", "/transfers/k1", stamp, nonce, b"")
        headers = {"X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signed}
        return httpx.request("GET", f"{bank_core}/transfers/k1", headers=headers, content=body).json()["error"]

    now = str(int(clock.on_machine(clock.now()).timestamp()))
    assert sent(str(int(now) - 1_000), "n0") == "STALE"
    assert sent(now, "n1") == "UNKNOWN_KEY"
    assert sent(now, "n1") == "REPLAYED"
    assert sent(now, "n2", b"altered") == "BAD_SIGNATURE"


@pytest.mark.parametrize(
    "body", [b"not json", b"[]", b'{"key": "k"}', json.dumps({"key": "k", "payer_account": "a", "legs": []}).encode(),
             b'{"key": "k", "payer_account": "a", "legs": [{"amount_fen": -5}]}'],
)  # fmt: skip
def test_a_malformed_order_is_answered_not_crashed_on(bank_core, body):
    stamp = str(int(clock.on_machine(clock.now()).timestamp()))
    signed = signature(SECRET, "POST", "/transfers", stamp, "n", body)
    headers = {"X-Timestamp": stamp, "X-Nonce": "n", "X-Signature": signed}
    assert httpx.post(f"{bank_core}/transfers", headers=headers, content=body).status_code == 400
    assert _statement(_client(bank_core), "a") == []


def test_a_taken_port_is_said(bank_core, tmp_path):
    with pytest.raises(OSError, match="in use"):
        make_bank_core(tmp_path / "other.sqlite", SECRET, port=int(bank_core.rsplit(":", 1)[1]))


def test_another_machine_needs_a_secret_of_its_own(settings):
    settings.FINMART_BANK_CORE_URL, settings.FINMART_BANK_CORE_SECRET = "https://bank.example", ""
    with pytest.raises(BankCoreUnavailable, match="SECRET"):
        client_module.connected()
    settings.FINMART_BANK_CORE_URL = ""
    with pytest.raises(BankCoreUnavailable, match="URL"):
        client_module.connected()
