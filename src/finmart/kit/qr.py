"""QR codes as pictures."""

import base64

import zxingcpp


def svg(content: str, *, scale: int = 1) -> str:
    """Return a QR code as an SVG element, ``scale`` units a module, with the quiet margin of four modules around it.

    It can be read with a seventh of it damaged (level M). Raises ValueError for more than a QR code holds.
    """
    drawn: str = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_svg(scale=scale)
    return drawn[drawn.index("<svg") :].rstrip()  # the rest refers to a DTD on the web


def svg_address(content: str, *, scale: int) -> str:
    """Return the picture of :func:`svg` as a data address, for an image on a page."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg(content, scale=scale).encode()).decode()}"
