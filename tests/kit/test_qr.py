"""QR codes are read back from the picture that is drawn, not from what was asked for."""

import base64
import re

import numpy as np
import pytest
import zxingcpp

from finmart.kit import qr

LINK = "https://finmart.example.com/contracts/0192f2c3-1111-7222-8333-1234567890ab/"
RECTANGLE = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+Z")


def _read(picture: str) -> list[str]:
    side = int(re.search(r'<svg width="(\d+)" height="\1"', picture)[1])
    points = np.full((side, side), 255, dtype=np.uint8)
    for x, y, width, height in (map(int, found) for found in RECTANGLE.findall(picture)):
        points[y : y + height, x : x + width] = 0
    return [found.text for found in zxingcpp.read_barcodes(np.kron(points, np.ones((4, 4), dtype=np.uint8)))]


@pytest.mark.parametrize("content", [LINK, "otpauth://totp/苏州:张三?secret=ABC&issuer=苏州", "1", "字" * 300])
@pytest.mark.parametrize("scale", [1, 4])
def test_a_picture_is_read_back(content, scale):
    assert _read(qr.svg(content, scale=scale)) == [content]


def test_a_damaged_picture_is_still_read():
    kept = RECTANGLE.findall(qr.svg(LINK))
    torn = re.sub(r"M(1[6-9]|20) (1[6-9]|20)h\d+v\d+h-\d+Z", "", qr.svg(LINK))
    assert len(RECTANGLE.findall(torn)) < len(kept)
    assert _read(torn) == [LINK]


def test_the_picture_refers_to_nothing_outside():
    picture = qr.svg(LINK)
    assert picture.startswith("<svg")
    assert picture.endswith("</svg>")
    assert set(re.findall(r"\w+://[\w./]+", picture)) == {"http://www.w3.org/2000/svg"}


def test_an_address_holds_the_picture():
    kind, coded = qr.svg_address(LINK, scale=4).split(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(coded).decode() == qr.svg(LINK, scale=4)


def test_too_much_is_refused():
    with pytest.raises(ValueError, match=r"(?i)long|fit|capacity"):
        qr.svg("x" * 5000)
