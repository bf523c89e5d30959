"""How identifiers look when they are masked: enough to know one again, not enough to use it. Pure text, no policy."""

import re
from collections.abc import Callable

from finmart.kit.codes import Code
from finmart.kit.grades import Shape

UNREADABLE = "〔已隐去〕"
_PLACE = re.compile(r"^(?:.{1,12}?(?:省|自治区))?(?:.{1,12}?市)?(?:.{1,12}?[区县市])?")


class Sight(Code):
    """How much of a value is shown."""

    FULL = "FULL", "原值"
    HIDDEN = "HIDDEN", "不显示"
    MASKED = "MASKED", "脱敏"


def name(text: str) -> str:
    """Return a person's name with all but its first sign hidden, and how long it is: ``张**``."""
    return f"{text[0]}**" if len(text) > 1 else "**"


def phone(text: str) -> str:
    """Return a telephone number with its middle hidden: ``138****1234``; of a short one only two digits stay."""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 11 else f"****{text[-2:]}" if len(text) >= 7 else "****"


def email(text: str) -> str:
    """Return an address with the box hidden but for its first sign: ``z***@example.com``."""
    box, at, domain = text.rpartition("@")
    return f"{box[:1]}***{at}{domain}" if at else "***"


def account(text: str) -> str:
    """Return an account number of which the final four signs stay."""
    return f"**** {text[-4:]}" if len(text) > 4 else "****"


def identity(text: str) -> str:
    """Return an identity number with birthday and sequence hidden: ``320505********1234``."""
    return f"{text[:6]}********{text[-4:]}" if len(text) >= 15 else "****"


def address(text: str) -> str:
    """Return an address down to the district: ``江苏省苏州市虎丘区****``."""
    found = _PLACE.match(text)
    return f"{found.group(0) if found else ''}****"


def words(text: str) -> str:  # noqa: ARG001 - what somebody wrote has no part that could stay
    return UNREADABLE


_BY_SHAPE: dict[Shape, Callable[[str], str]] = {
    Shape.ACCOUNT: account,
    Shape.ADDRESS: address,
    Shape.EMAIL: email,
    Shape.IDENTITY: identity,
    Shape.NAME: name,
    Shape.PHONE: phone,
    Shape.SECRET: words,
    Shape.WORDS: words,
}


def shown(shape: Shape, text: str, sight: Sight) -> str:
    """Return a value as far as it may be seen; nothing stays nothing, and what is masked stays as it is."""
    if not text or sight is Sight.FULL:
        return text
    if sight is Sight.HIDDEN:
        return UNREADABLE
    return text if "**" in text else _BY_SHAPE[shape](text)
