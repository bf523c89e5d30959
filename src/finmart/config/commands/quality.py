"""``finmart quality``: run the rules of data quality now."""

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from finmart.config.commands import session

if TYPE_CHECKING:
    from finmart.centres.data.quality.types import RunResult


@click.group()
def command() -> None:
    """数据质量规则：完整、有效、唯一、一致、及时、合理。"""


@command.command(epilog="示例：finmart quality run --json")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def run(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """立即按全部现行规则检查一次，结果入库；有规则不达标时退出码为 1。"""
    with session.platform():
        from finmart.centres.data.quality import operations  # noqa: PLC0415 - after the application is loaded
        from finmart.centres.data.quality.types import Trigger  # noqa: PLC0415
        from finmart.kit import transactions  # noqa: PLC0415
        from finmart.kit.actor import Actor  # noqa: PLC0415

        with transactions.opened():
            result = operations.run(Actor.of_system("数据质量检查"), trigger=Trigger.ASKED)
    if result is None:
        return
    if as_json:
        figures = [{"rule": one.code, "checked": one.checked, "failed": one.failed} for one in result.figures]
        session.print_json(
            {"run": str(result.uuid), "seconds": round(result.seconds, 3), "failing": list(result.failing),
             "figures": figures}
        )  # fmt: skip
    else:
        _print(result)
    raise SystemExit(1 if result.failing else 0)


def _print(result: "RunResult") -> None:
    shown = Table("规则", "检查", "不合格", "比例", "结果")
    for one in result.figures:
        verdict = "未达标" if one.code in result.failing else "达标"
        shown.add_row(one.code, str(one.checked), str(one.failed), f"{one.share:.2%}", verdict)
    Console().print(shown)
    Console().print(f"用时 {result.seconds:.2f} 秒")
