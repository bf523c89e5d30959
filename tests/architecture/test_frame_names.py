"""What the frame of every page reads has names of its own: a view that used one would fill the frame with its own."""

import re
from pathlib import Path

from django.test import RequestFactory

import finmart
from finmart.ui import context

SOURCE = Path(finmart.__file__).parent


def test_no_view_hands_on_a_name_of_the_frame():
    names = context.shell(RequestFactory().get("/")).keys()
    written = re.compile("|".join(rf'"{name}"\s*:|\["{name}"\]' for name in names))
    found = [
        f"{file.relative_to(SOURCE)}: {match.group()}"
        for file in SOURCE.rglob("*.py")
        if file != Path(context.__file__)
        for match in written.finditer(file.read_text())
    ]
    assert not found
