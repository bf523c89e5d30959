"""One call: the name of a template and its values in, a PDF out."""

import json
from collections.abc import Mapping
from datetime import timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont

from finmart.kit import clock

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
BUILT_FONTS = HERE / "fonts"
PACKAGE_FONTS = HERE.parents[3] / "node_modules/@expo-google-fonts/noto-sans-sc"
FAMILY = "Noto Sans SC"
CITY_TIME = timezone(timedelta(hours=8))


class FontsMissing(RuntimeError):
    """The Chinese font is not there: the front end has not been built."""


class RenderFailure(RuntimeError):
    """The template did not compile with these values: a mistake in the code, not of the user."""


def templates() -> list[str]:
    """Return the names :func:`render` takes."""
    return sorted(file.stem for file in TEMPLATES.glob("*.typ") if not file.stem.startswith("_"))


def render(template: str, values: Mapping[str, Any]) -> bytes:
    """Return a PDF of ``templates/<template>.typ`` filled with ``values`` (anything JSON can hold).

    Values travel as JSON and are set as text, never read as Typst source, so a name may hold any sign.
    Text stays selectable, in Noto Sans SC; a character that font lacks is printed by its code, 〔U+20BB7〕, so that
    no name loses a part. Raises FontsMissing, RenderFailure; KeyError for an unknown template.
    """
    if template not in templates():
        raise KeyError(template)
    fonts = _fonts()
    try:
        return typst.compile(
            TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            format="pdf",
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs={"values": json.dumps(_printable(values), ensure_ascii=False)},
            timestamp=clock.now().astimezone(CITY_TIME).replace(microsecond=0),
        )
    except typst.TypstError as error:
        raise RenderFailure(f"{template}: {error}") from error


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        for character in set(value) - _covered():
            value = value.replace(character, f"〔U+{ord(character):04X}〕")
        return value
    if isinstance(value, Mapping):
        return {name: _printable(item) for name, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list | tuple) else value


def _font_folders() -> list[Path]:
    """Where fonts may be: what the build copied, or the package in a checkout not built yet."""
    return [BUILT_FONTS, PACKAGE_FONTS / "400Regular", PACKAGE_FONTS / "700Bold"]


@cache
def _covered() -> frozenset[str]:
    """Return the characters that can be printed, the end of a line among them."""
    regular = next(file for folder in _font_folders() for file in folder.glob("*400Regular.ttf"))
    with TTFont(regular, lazy=True) as font:
        return frozenset({"\n", *map(chr, font.getBestCmap())})


@cache
def _fonts() -> typst.Fonts:
    """Read the fonts once (20 MB)."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[*_font_folders()])
    if FAMILY not in fonts.families():  # Typst would set blanks without a word
        raise FontsMissing(f"no font {FAMILY} in {BUILT_FONTS}; run make setup")
    return fonts
