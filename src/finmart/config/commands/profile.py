"""``finmart profile``: what is known of firms, how it is computed, and whether every number tells something."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import django

from finmart.config.commands import session
from finmart.kit.errors import Refusal

if TYPE_CHECKING:
    from finmart.centres.data.profiles.types import FeatureCheck

_NAMES = ("enterprises.csv", "invoices.parquet")


@click.group()
def command() -> None:
    """企业画像：数据项表，指标核对。"""


@command.command(epilog="示例：finmart profile check ../shared/data/sme-2020")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def check(folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """核对发票指标：没有一项对所有企业都相同，没有两项处处相等；不写数据库，有不合格的退出码为 1。

    FOLDER：含 enterprises.csv 与 invoices.parquet 的文件夹；总是一并核对示例城市。
    """
    try:
        files = [(name, (folder / name).read_bytes()) for name in _NAMES] if folder else []
    except OSError as error:
        raise click.ClickException(f"读不到文件 {error.filename}：{error.strerror}。请核对路径。") from error
    with session.platform():
        try:
            found = _checked(files)
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.message}。{refusal.remedy}。") from refusal
    if as_json:
        session.print_json(
            {"numbers": len(found.codes), "firms": found.firms, "constant": found.constant, "equal": found.equal}
        )
    else:
        click.echo(f"{found.firms} 家企业，由发票计算的指标 {len(found.codes)} 项")
        click.echo(f"处处相同的 {len(found.constant)} 项：{'、'.join(found.constant) or '无'}")
        click.echo(f"两两相等的 {len(found.equal)} 对：{'、'.join('='.join(pair) for pair in found.equal) or '无'}")
    raise SystemExit(1 if found.constant or found.equal else 0)


@command.command(epilog="示例：finmart profile facts")
def facts() -> None:
    """打印数据项表（Markdown）：名称、单位、级别、来源、公式；docs/algorithms/profile.md 中的表与此一致。"""
    django.setup()
    from finmart.config import fact_table  # noqa: PLC0415 - after the application is loaded

    click.echo("\n".join(fact_table.lines()))


def _checked(files: list[tuple[str, bytes]]) -> "FeatureCheck":
    from finmart.centres.data.profiles import queries  # noqa: PLC0415 - after the application is loaded
    from finmart.centres.data.sources import queries as sources_queries  # noqa: PLC0415
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415
    from finmart.kit import clock  # noqa: PLC0415
    from finmart.twin.firms import invoices_of_sample  # noqa: PLC0415
    from finmart.twin.material import material  # noqa: PLC0415

    frames = [sources_queries.judged(invoices_of_sample(material(), clock.today()))]
    if files:
        enterprises, invoices = (SourceFile(name, content) for name, content in files)
        frames.append(sources_queries.read_sme_2020(enterprises=enterprises, invoices=invoices).invoices)
    return queries.check_features(*(frame.rename({"enterprise": "organisation_id"}) for frame in frames))
