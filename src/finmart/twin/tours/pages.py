"""Reading pages as a person does: links, forms with their fields, tables, words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urljoin

_EMPTY = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_CLOSED_BY_NEXT = frozenset({"li", "option", "tr", "td", "th", "dt", "dd"})

Value = str | bool | list[str]
Values = Mapping[str, Value]


class UnlikePage(LookupError):
    """What the story needs is not on the page; the message is one sentence for the report."""


@dataclass(slots=True)
class Element:
    """One element with what is in it. Attribute values are text, empty where HTML gives none."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **wanted: str) -> Iterator["Element"]:
        """Yield the elements below this one, in order; ``class_`` asks for one of the classes."""
        for child in self.inside:
            if isinstance(child, Element):
                if (not tag or child.tag == tag) and child.has(**wanted):
                    yield child
                yield from child.all(tag, **wanted)

    def has(self, **wanted: str) -> bool:
        """Do the attributes have these values?"""
        classes = self.attributes.get("class", "").split()
        return all(
            value in classes if name == "class_" else self.attributes.get(name) == value
            for name, value in wanted.items()
        )

    def first(self, tag: str = "", **wanted: str) -> "Element | None":
        return next(self.all(tag, **wanted), None)

    @property
    def text(self) -> str:
        """The words in it, blanks made one."""
        return " ".join("".join(self.words()).split())

    def words(self) -> Iterator[str]:
        """Yield the pieces of text in it, in order, a blank after every element."""
        for child in self.inside:
            if isinstance(child, str):
                yield child
            else:
                yield from child.words()
                yield " "

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _CLOSED_BY_NEXT and self.open[-1].tag == tag:
            self.open.pop()
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(made)
        if tag not in _EMPTY:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, element in enumerate(self.open) if element.tag == tag]
        if places:
            del self.open[places[-1] :]

    def handle_data(self, words: str) -> None:
        self.open[-1].inside.append(words)


def parse(html: str) -> Element:
    """Return the tree of a page; like a browser, whatever it is given."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.root


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes and what stands in it."""

    element: Element
    page_address: str

    @property
    def address(self) -> str:
        return urljoin(self.page_address, self.element["action"])

    @property
    def names(self) -> set[str]:
        return {control["name"] for control in self._controls() if control["name"]}

    def options(self, name: str) -> dict[str, str]:
        """Return label → value of a choice."""
        chosen = [control for control in self._controls() if control["name"] == name]
        return {option.text: option["value"] for control in chosen for option in control.all("option")}

    def filled(self, values: Values, *, button: str = "") -> dict[str, list[str]]:
        """Return what a browser would send after these values were filled in and ``button`` pressed.

        ``values``: text; True or False for a tick; a list for several ticks of one name. Raises UnlikePage for a
        field, choice or button that is not there: a person could not use it either.
        """
        missing = set(values) - self.names
        if missing:
            raise UnlikePage(f"表单中没有字段 {'、'.join(sorted(missing))}")
        sent: dict[str, list[str]] = {}
        for control in self._controls():
            name = control["name"]
            if name and "disabled" not in control.attributes:
                sent.setdefault(name, []).extend(_sent_by(control, values.get(name)))
        if button:
            name, value = self._pressed(button)
            sent.setdefault(name, []).append(value)
        return {name: found for name, found in sent.items() if found}

    def _controls(self) -> Iterator[Element]:
        of_this = ("", self.element["id"])  # a control may belong to another form than the one it stands in
        controls = (one for one in self.element.all() if one.tag in {"input", "select", "textarea"})
        return (one for one in controls if one["form"] in of_this)

    def _pressed(self, button: str) -> tuple[str, str]:
        for found in self.element.all("button", value=button):
            return found["name"], button
        raise UnlikePage(f"表单中没有按钮 {button}")


def _sent_by(control: Element, value: Value | None) -> list[str]:
    kind = control["type"] or "text"
    if control.tag == "input" and kind in {"checkbox", "radio"}:
        own = control["value"] or "on"
        is_ticked = "checked" in control.attributes
        if isinstance(value, list):
            is_ticked = own in value
        elif value is not None:
            is_ticked = value if isinstance(value, bool) else own == value
        return [own] if is_ticked else []
    if control.tag == "select":
        return [_chosen(control, value)]
    if control.tag == "input" and kind in {"file", "submit", "button", "image"}:
        return []
    present = control.text if control.tag == "textarea" else control["value"]
    return [present if value is None else str(value)]


def _chosen(control: Element, value: Value | None) -> str:
    options = list(control.all("option"))
    if value is None:
        return next((one["value"] for one in options if "selected" in one.attributes), options[0]["value"])
    if all(one["value"] != value for one in options):
        raise UnlikePage(f"选项 {control['name']} 中没有 {value}")
    return str(value)


@dataclass(frozen=True)
class Page:
    """One answer of the platform."""

    address: str
    status: int
    html: str

    @cached_property
    def tree(self) -> Element:
        return parse(self.html)

    @property
    def main(self) -> Element:
        return self.tree.first("main") or self.tree

    @property
    def heading(self) -> str:
        found = self.main.first("h1")
        return found.text if found else ""

    @property
    def flash(self) -> str:
        """What the page says has just happened, and what is wrong with what was filled in."""
        flashes = self.main.first(id="flashes")
        said = [flashes.text] if flashes and flashes.text else []
        for marked in ("alert-danger", "form-error"):
            said += [one.text for one in self.main.all(class_=marked)]
        return "；".join(dict.fromkeys(said))

    def link(self, words: str, *, within: Element | None = None) -> str:
        """Return where the first link with these words goes. Raises UnlikePage."""
        for found in (within or self.main).all("a"):
            if words in found.text:
                return urljoin(self.address, found["href"])
        raise UnlikePage(f"页面“{self.heading}”上没有“{words}”")

    def form(self, *, action: str = "", field: str = "", within: Element | None = None) -> Form:
        """Return the first form whose address contains ``action`` and that has ``field``. Raises UnlikePage."""
        for found in (within or self.main).all("form"):
            form = Form(found, self.address)
            if action in form.address and (not field or field in form.names):
                return form
        raise UnlikePage(f"页面“{self.heading}”上没有所需的表单{f'（{field or action}）' if field or action else ''}")

    def row(self, *words: str) -> Element:
        """Return the first table row that holds all these words. Raises UnlikePage."""
        for found in self.main.all("tr"):
            if all(word in found.text for word in words):
                return found
        raise UnlikePage(f"页面“{self.heading}”的表格中没有“{'、'.join(words)}”")

    def fact(self, name: str) -> str:
        """Return what stands beside a name in a list of facts. Raises UnlikePage."""
        for pair in self.main.all("div"):
            term = next((one for one in pair.inside if isinstance(one, Element) and one.tag == "dt"), None)
            if term and term.text == name:
                said = pair.first("dd")
                return said.text if said else ""
        raise UnlikePage(f"页面“{self.heading}”上没有“{name}”")
