"""A live server on loopback and a real Chromium, for what only a browser can show.

Playwright's own loop runs in a thread of its own, so that Django never believes itself asynchronous.
"""

import contextlib
import os
import queue
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

from finmart.config import places

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
    "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--metrics-recording-only",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--font-render-hinting=none",
]  # fmt: skip
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
AXE = Path(places.CHECKOUT) / "node_modules/axe-core/axe.min.js"
STEPS_AWAY = 15_000  # milliseconds before a missing element fails a test on a busy machine


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """Chromium hangs up on what it no longer wants; the tests look at pages, not at that."""


class _Handler(WSGIRequestHandler):
    def log_message(self, *words):
        """Say nothing: a failed request shows in the page."""


@pytest.fixture
def site(committed_database):
    """The address of the whole platform on a free loopback port, with real static files."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connections

    application = get_wsgi_application()

    def closing(environ, start_response):
        answer = application(environ, start_response)
        try:
            yield from answer
        finally:
            answer.close()
            connections.close_all()

    server = _Server(("127.0.0.1", 0), _Handler)
    server.set_app(closing)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class BrowserThread:
    """Runs every call of Playwright's synchronous interface in one thread."""

    def __init__(self) -> None:
        self._calls: queue.Queue = queue.Queue()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        while True:
            call, answer = self._calls.get()
            if call is None:
                return
            try:
                answer.set_result(call())
            except BaseException as error:  # noqa: BLE001 - handed to the test, whatever it is
                answer.set_exception(error)

    def do(self, call: Callable):
        """Return what ``call`` returns, called in the browser's thread."""
        answer: Future = Future()
        self._calls.put((call, answer))
        return answer.result(timeout=120)

    def end(self) -> None:
        self._calls.put((None, None))
        self._thread.join()


@pytest.fixture(scope="session")
def browser_thread():
    """A Chromium in a thread; skips nothing: without a browser it fails and says what to install."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium found; on Debian run: apt-get install chromium fonts-noto-cjk", pytrace=False)
    thread = BrowserThread()
    held = {}

    def start():
        from playwright.sync_api import sync_playwright

        held["playwright"] = sync_playwright().start()
        held["browser"] = held["playwright"].chromium.launch(executable_path=path, args=QUIET)
        return held["browser"]

    thread.browser = thread.do(start)
    yield thread
    thread.do(lambda: (held["browser"].close(), held["playwright"].stop()))
    thread.end()


class Visit:
    """One person's browser: a page at one size, with everything it complained about.

    ``do(lambda page: …)`` runs steps on the page; ``check(name)`` looks at what is shown, at both sizes.
    """

    def __init__(self, thread: BrowserThread, site: str, cookie: str | None, viewport: dict) -> None:
        self.thread, self.site = thread, site
        self.complaints: list[str] = []
        self.context = thread.do(lambda: self._open(cookie, viewport))
        self.page = thread.do(self.context.new_page)
        thread.do(self._listen)

    def _open(self, cookie, viewport):
        context = self.thread.browser.new_context(
            viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", service_workers="block"
        )
        context.set_default_timeout(STEPS_AWAY)
        if cookie:
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.site}])
        return context

    def _listen(self):
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._asked)

    def _heard(self, message):
        expected = "the server responded with a status of 4" in message.text  # a refusal is an answer
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request):
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.complaints.append(f"external request: {request.url}")

    def do(self, steps: Callable):
        """Run ``steps(page)`` in the browser's thread and return its answer."""
        return self.thread.do(lambda: steps(self.page))

    def go(self, path: str) -> int:
        """Open a path; return the status."""
        return self.do(lambda page: page.goto(self.site + path, wait_until="networkidle")).status

    def check(self, name: str) -> None:
        """Assert the page quiet, inside the window at 1366 and 390 px, and accessible; leave a screenshot of each."""
        found = []
        for size in (DESKTOP, PHONE):
            found += self.do(lambda page, size=size: _looked_at(page, size, name))
        assert not self.complaints + found, "\n".join([f"page {name}:", *self.complaints, *found])

    def close(self):
        self.thread.do(self.context.close)


def _looked_at(page, size, name):
    page.set_viewport_size(size)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(150)
    folder = places.home() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}-{size['width']}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [f"{size['width']} px: the page is {wide} px too wide"] if wide > 0 else []
    # evaluate() runs outside the page's policy, so axe needs no exception in it
    page.evaluate(AXE.read_text())
    serious = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
             .filter(v => ['serious', 'critical'].includes(v.impact))
             .flatMap(v => v.nodes.slice(0, 3).map(n => `${v.id}: ${n.target} ${n.failureSummary}`))"""
    )
    return found + [f"{size['width']} px, axe {line}" for line in serious]


def session_of(username: str) -> str:
    """Return the cookie of a session in which the person is signed in, without the sign-in page."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(
        get_user_model().objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client.cookies["sessionid"].value


@pytest.fixture
def page_as(site, browser_thread):
    """Open a browser as a person: ``page_as("username")``; None is a visitor. Phone size with ``phone=True``."""
    visits = []

    def opened(username: str | None = None, *, phone: bool = False) -> Visit:
        cookie = session_of(username) if username else None
        visits.append(Visit(browser_thread, site, cookie, PHONE if phone else DESKTOP))
        return visits[-1]

    yield opened
    for visit in visits:
        with contextlib.suppress(Exception):  # a browser that died has shown so already
            visit.close()


os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
