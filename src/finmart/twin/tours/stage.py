"""Acts that every story is made of: signing in, finding one's work, signing it off, being refused."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from finmart.twin.tours.browsing import SIGN_IN, Browser, Player
from finmart.twin.tours.pages import Page, UnlikePage, Values
from finmart.twin.tours.records import Record

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.25
_UNDER_WAY = re.compile(r"正在办理：\s*(\S+?)\s*，承办方\s*(\S+?)，")


class Stage:
    """The browsers of all players on one platform, and the record they write together."""

    def __init__(self, origin: str, record: Record) -> None:
        self.origin = origin
        self.record = record
        self._browsers: dict[str, Browser] = {}

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()

    def browser(self, player: Player) -> Browser:
        """Return the player's browser, signed in; signing in is a step of its own."""
        found = self._browsers.get(player.username)
        if found is None:
            found = self._browsers[player.username] = Browser(self.origin, player, self.record.see)
            if not player.is_visitor:
                page = found.sign_in()
                self.record.accounts.add(player.username)
                self.record.step(player.label, "登录平台", f"进入自己的起始页“{page.heading}”")
        return found

    def done(self, player: Player, act: str, result: str, *, page: Page | None = None) -> None:
        """Write down what a player did."""
        self.record.step(player.label, act, result, page=page)

    def work(self, player: Player, number: str, step: str) -> Page:
        """Open a work item from the player's own list, as a person would. Raises UnlikePage where it is not there."""
        listed = self.browser(player).open("/workbench/todo/")
        return self.browser(player).open(listed.link(step, within=listed.row(step, number)))

    def complete(
        self, player: Player, number: str, step: str, outcome: str, values: Values | None = None, *, opinion: str = ""
    ) -> None:
        """Sign a work item off with an outcome and write down where the case went."""
        item = self.work(player, number, step)
        form = item.form(field="opinion")
        page = self.browser(player).submit(form, {"opinion": opinion or "示例意见", **(values or {})}, button=outcome)
        label = next(one.text for one in form.element.all("button", value=outcome))
        self.done(player, f"{step}：{label}", f"{page.flash}；{self.now(player, number)}", page=item)

    def now(self, player: Player, number: str) -> str:
        """Return in one sentence what a case waits for, as the player's case page says it."""
        page = self.browser(player).open(f"/cases/{number}/")
        waiting = [f"{step}（{lane}）" for step, lane in under_way(page)]
        return f"等待 {'、'.join(waiting)}" if waiting else f"案件{page.fact('案件状态')}"

    def refused(self, player: Player, address: str, act: str, status: HTTPStatus) -> None:
        """See a player refused at an address. Raises UnlikePage where the platform lets them in."""
        page = self.browser(player).open(address, expected=status)
        self.done(player, act, f"被拒绝（{status.value}）：{page.heading}", page=page)

    def sent_to_sign_in(self, visitor: Player, address: str, act: str) -> None:
        """See a visitor sent to the sign-in page. Raises UnlikePage where the platform shows the page."""
        page = self.browser(visitor).open(address)
        if urlsplit(page.address).path != SIGN_IN:
            raise UnlikePage(f"未登录也能打开 {address}")
        self.done(visitor, act, "被要求先登录", page=page)

    def until(self, wanted: str, look: Callable[[], bool]) -> float:
        """Wait for what the worker does; returns the seconds it took. Raises UnlikePage when patience is over."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE_SECONDS:
            with suppress(UnlikePage):
                if look():
                    return time.monotonic() - begun
            time.sleep(PAUSE_SECONDS)
        raise UnlikePage(f"等了 {PATIENCE_SECONDS:.0f} 秒，{wanted}仍未发生")


def under_way(case_page: Page) -> list[tuple[str, str]]:
    """Return (step, lane) of everything the page of a case says is being worked on."""
    return _UNDER_WAY.findall(case_page.main.text)
