"""What ``finmart risk backtest`` and ``finmart risk train`` read: a folder or a table, with options for its columns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from finmart.kit.errors import Refusal

if TYPE_CHECKING:
    from finmart.centres.data.risk.types import TableOptions
    from finmart.centres.data.sources.types import SourceFile

OnRun = Callable[[int], None]
F = TypeVar("F", bound=Callable[..., Any])
_COMMAS = "，多个用英文逗号分隔"
_OPTIONS = (
    click.argument("source", type=click.Path(path_type=Path)),
    click.option("--label", default="", help="表：标签列（违约与否）"),
    click.option("--bad", default="", help="表：标签列中代表违约的值（默认认得 1/0、是/否 等）"),
    click.option("--split", default="", help="表：划分训练与检验的列；不给则做重复交叉检验"),
    click.option("--train", default="", help="表：划分列中代表训练行的值（默认 1）"),
    click.option("--features", default="", help=f"表：作为特征的列（默认全部可用的列）{_COMMAS}"),
    click.option("--texts", default="", help=f"表：数字其实是代码的列{_COMMAS}"),
    click.option("--group", default="", help="表：按此列比较各组差异（不作特征）"),
    click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """The files a command was given: two of a folder, or a table with how to read it."""

    files: tuple["SourceFile", ...]
    options: "TableOptions | None"


def takes_source(command: F) -> F:
    """Give a command the argument and the options that name a source."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read(source: Path, words: dict[str, Any], *, plain: bool = False, despite_leaks: bool = False) -> Source:
    """Read what the command line names. Raises ClickException in one sentence."""
    from finmart.centres.data.risk.types import TableOptions  # noqa: PLC0415 - after the application is loaded

    if source.is_dir():
        return Source((_file(source / "enterprises.csv"), _file(source / "invoices.parquet")), None)
    if not words["label"]:
        raise click.ClickException("请用 --label 写明标签列。")
    features, texts = (tuple(filter(None, words[name].split(","))) for name in ("features", "texts"))
    named = {name: words[name] for name in ("label", "bad", "split", "train", "group")}
    options = TableOptions(**named, features=features, texts=texts, plain=plain, despite_leaks=despite_leaks)
    return Source((_file(source),), options)


def _file(path: Path) -> "SourceFile":
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415

    try:
        return SourceFile(path.name, path.read_bytes())
    except OSError as error:
        raise click.ClickException(f"读不到文件 {path}：{error.strerror}。请核对路径。") from error


@contextmanager
def progress() -> Iterator[OnRun]:
    """Show how far the repeated runs are, and turn a refusal into one sentence."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task("读取数据并计算特征", total=None)
        try:
            yield lambda run: shown.update(bar, description="重复交叉检验", total=10, completed=run)
        except Refusal as refusal:
            remedy = f"{refusal.remedy}。" if refusal.remedy else ""
            raise click.ClickException(f"{refusal.message}。{remedy}") from refusal
