"""Simulators as fixtures: a bank core that answers real HTTP."""

import threading

import pytest

from finmart.integrations.bank_core.client import connected
from finmart.integrations.bank_core.simulator import make_bank_core


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
