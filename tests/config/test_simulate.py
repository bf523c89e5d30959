"""Each simulator is a process of its own, found by its address and gone with its starter."""

import os

import httpx
import pytest

from finmart.config.commands.simulate import bank_core_beside, sources_beside


def test_the_bank_core_runs_beside_and_stops(monkeypatch):
    monkeypatch.delenv("FINMART_BANK_CORE_URL", raising=False)
    with bank_core_beside() as address:
        assert os.environ["FINMART_BANK_CORE_URL"] == address
        assert httpx.get(f"{address}/livez", trust_env=False).json() == {"ok": True}
    assert "FINMART_BANK_CORE_URL" not in os.environ
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/livez", trust_env=False)


def test_a_bank_core_named_by_the_operator_is_used(monkeypatch):
    monkeypatch.setenv("FINMART_BANK_CORE_URL", "http://127.0.0.1:9")
    with bank_core_beside() as address:
        assert address == "http://127.0.0.1:9"
    assert os.environ["FINMART_BANK_CORE_URL"] == "http://127.0.0.1:9"


def test_the_sources_run_beside_and_stop(monkeypatch, tmp_path):
    monkeypatch.delenv("FINMART_SOURCES_URL", raising=False)
    with sources_beside(tmp_path / "sources.sqlite") as address:
        assert os.environ["FINMART_SOURCES_URL"] == address
        assert httpx.get(f"{address}/livez", trust_env=False).json() == {"ok": True}
    assert "FINMART_SOURCES_URL" not in os.environ
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/livez", trust_env=False)
