"""Simulators as fixtures: a bank core and sources of data that answer real HTTP."""

import threading

import pytest

from factories import supplying
from finmart.integrations.bank_core.client import connected
from finmart.integrations.bank_core.simulator import make_bank_core
from finmart.integrations.data_sharing.simulator import make_sources


@pytest.fixture
def bank_core(tmp_path, settings):
    secret = "between test and simulator"
    with make_bank_core(tmp_path / "books.sqlite", secret.encode()) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        settings.FINMART_BANK_CORE_URL = f"http://127.0.0.1:{server.server_port}"
        settings.FINMART_BANK_CORE_SECRET = secret
        yield connected()
        server.shutdown()
        thread.join()


@pytest.fixture
def sources(tmp_path, settings):
    """Simulated sources; call it with a code for the back office of one, its columns being those agreed."""
    secret = "between test and sources"
    with make_sources(tmp_path / "sources.sqlite", secret.encode()) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        settings.FINMART_SOURCES_URL = f"http://127.0.0.1:{server.server_port}"
        settings.FINMART_SOURCE_URLS = {}
        settings.FINMART_SOURCES_SECRET = secret
        yield lambda code: supplying.office(settings.FINMART_SOURCES_URL, secret, code)
        server.shutdown()
        thread.join()
