"""What the pages offer to whom: every portal and desk registers its entries as data when it is loaded.

Nothing here knows what an entry means. An app's ``ready`` calls :func:`register` and, for a start page,
:func:`register_home`; a code registered again replaces the earlier entry.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from django.urls import reverse

from finmart.kit.actor import Actor

Visible = Callable[[Actor], bool]


class Place(StrEnum):
    """Where an entry stands: beside the page (on top for visitors), among the tools, or in the account's menu."""

    SIDE = "side"
    TOOL = "tool"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. ``on_phone`` puts it on the bottom bar too (four fit); ``count`` is shown beside it when above zero."""

    code: str
    label: str
    url_name: str
    visible: Visible
    icon: str = "circle"
    order: int = 50
    group: str = ""
    place: Place = Place.SIDE
    on_phone: bool = False
    count: Callable[[Actor], int] | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """A portal's name and start page, for the actors its predicate admits."""

    label: str
    url_name: str
    visible: Visible


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as a page draws it."""

    label: str
    url: str
    icon: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """All links of one page. ``side`` holds (group heading, links) pairs."""

    portal: str = ""
    home: str = "/"
    side: list[tuple[str, list[Link]]] = field(default_factory=list)
    tools: list[Link] = field(default_factory=list)
    account: list[Link] = field(default_factory=list)
    bottom: list[Link] = field(default_factory=list)


_entries: dict[str, Entry] = {}
_homes: dict[str, Home] = {}
MOST_ON_BOTTOM = 4


def register(*entries: Entry) -> None:
    """Offer entries on every page, to whom their predicates admit."""
    _entries.update({entry.code: entry for entry in entries})


def register_home(label: str, url_name: str, visible: Visible) -> None:
    """Name a portal and its start page; several portals may start on the same one."""
    _homes[label] = Home(label, url_name, visible)


def home_for(actor: Actor) -> Home | None:
    """Return the portal where this actor starts, if one claims the actor."""
    return next((home for home in _homes.values() if home.visible(actor)), None)


def shell_for(actor: Actor, path: str) -> Shell:
    """Return the links of a page at ``path``; the longest matching address is the current one."""
    offered = sorted((e for e in _entries.values() if e.visible(actor)), key=lambda e: (e.order, e.code))
    urls = {entry.code: reverse(entry.url_name) for entry in offered}
    matching = [url for url in urls.values() if path == url or (url != "/" and path.startswith(url))]
    here = max(matching, key=len, default="")
    links = {e.code: _link(e, urls[e.code], actor, current=urls[e.code] == here) for e in offered}
    home = home_for(actor)
    return Shell(
        portal=home.label if home else "",
        home=reverse(home.url_name) if home else "/",
        side=_grouped([e for e in offered if e.place is Place.SIDE], links),
        tools=[links[e.code] for e in offered if e.place is Place.TOOL],
        account=[links[e.code] for e in offered if e.place is Place.ACCOUNT],
        bottom=[links[e.code] for e in offered if e.on_phone][:MOST_ON_BOTTOM],
    )


def _link(entry: Entry, url: str, actor: Actor, *, current: bool) -> Link:
    return Link(entry.label, url, entry.icon, entry.count(actor) if entry.count else 0, current)


def _grouped(entries: list[Entry], links: dict[str, Link]) -> list[tuple[str, list[Link]]]:
    groups: dict[str, list[Link]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(links[entry.code])
    return list(groups.items())
