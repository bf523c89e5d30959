"""One person's browser: a session of its own, forms handed in as they stand on the page, every status checked."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from finmart.twin.tours.pages import Form, Page, UnlikePage, Values

SECONDS = 30.0
SIGN_IN = "/accounts/sign-in/"


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody of the story: the account and how the report names them."""

    username: str
    label: str
    password: str = ""

    @property
    def is_visitor(self) -> bool:
        return not self.username


class Browser:
    """A browser of one player on one platform. Opened pages are shown to ``keep``."""

    def __init__(self, origin: str, player: Player, keep: Callable[[Page], None]) -> None:
        self.player = player
        self._keep = keep
        self._client = httpx.Client(base_url=origin, follow_redirects=True, trust_env=False, timeout=SECONDS)

    def close(self) -> None:
        self._client.close()

    def sign_in(self) -> Page:
        """Sign in with name and password. Raises UnlikePage where that does not work."""
        page = self.open(SIGN_IN)
        filled = {"username": self.player.username, "password": self.player.password}
        page = self.submit(page.form(field="password"), filled)
        if urlsplit(page.address).path == SIGN_IN:
            raise UnlikePage(f"{self.player.label}未能登录：{page.flash}")
        return page

    def open(self, address: str, *, expected: int = HTTPStatus.OK) -> Page:
        """Open an address. Raises UnlikePage unless it answers with the expected status."""
        return self._page(self._client.get(address), expected)

    def submit(
        self, form: Form, values: Values | None = None, *, button: str = "", expected: int = HTTPStatus.OK
    ) -> Page:
        """Fill in a form, press a button (by its value) and go where it leads. Raises UnlikePage as ``open`` does."""
        sent = form.filled(values or {}, button=button)
        origin = {"Referer": form.page_address}
        return self._page(self._client.post(form.address, data=sent, headers=origin), expected)

    def upload(self, form: Form, name: str, content: bytes, *, expected: int = HTTPStatus.OK) -> Page:
        """Choose one file in a form and hand it in. Raises UnlikePage as ``open`` does."""
        (field,) = (one["name"] for one in form.element.all("input", type="file"))
        sent = form.filled({})
        origin = {"Referer": form.page_address}
        file = {field: (name, content, "application/octet-stream")}
        return self._page(self._client.post(form.address, data=sent, files=file, headers=origin), expected)

    def download(self, address: str) -> bytes:
        """Return a file's bytes. Raises UnlikePage unless it is handed out as an attachment."""
        answer = self._client.get(address)
        if answer.status_code != HTTPStatus.OK or "attachment" not in answer.headers.get("content-disposition", ""):
            raise UnlikePage(f"{answer.request.url.path} 应答 {answer.status_code}，没有给出文件")
        return answer.content

    def _page(self, answer: httpx.Response, expected: int) -> Page:
        page = Page(str(answer.url), answer.status_code, answer.text)
        self._keep(page)
        if page.status != expected:
            said = page.flash or page.heading or "没有内容"
            raise UnlikePage(f"{answer.request.url.path} 应答 {page.status}，应为 {expected}：{said}")
        return page
