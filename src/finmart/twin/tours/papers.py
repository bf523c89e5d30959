"""Papers in a story: handed in, refused where disguised, read by the parties and by nobody else."""

from http import HTTPStatus

from finmart.twin.tours.browsing import Player
from finmart.twin.tours.pages import UnlikePage
from finmart.twin.tours.stage import Stage

PAPER = "完税证明（示例）.pdf"
CONTENT = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
DISGUISED = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" * 8


def hand_in(stage: Stage, player: Player, number: str) -> str:
    """Have a player put a paper into a case; returns its address. A program called ``.pdf`` is refused first."""
    browser = stage.browser(player)
    page = browser.open(f"/cases/{number}/?tab=papers")
    form = page.form(field="file")
    refused = browser.upload(form, "付款凭证.pdf", DISGUISED, expected=HTTPStatus.UNPROCESSABLE_ENTITY)
    stage.done(player, "上传伪装成 PDF 的程序", f"未接收（422）：{refused.flash}", page=refused)
    page = browser.upload(form, PAPER, CONTENT)
    stage.done(player, f"上传材料“{PAPER}”", page.row(PAPER).text, page=page)
    return page.link(PAPER)


def read(stage: Stage, player: Player, address: str, act: str, starts: bytes) -> None:
    """Have a player download a paper. Raises UnlikePage where it does not begin as it should."""
    content = stage.browser(player).download(address)
    if not content.startswith(starts):
        raise UnlikePage(f"{act}：文件开头不是 {starts[:8]!r}")
    stage.done(player, act, f"{len(content):,} 字节")
