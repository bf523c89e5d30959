"""``finmart standard``: clause → processes → modules → tests → state → live figure."""

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from finmart.config.commands import session

if TYPE_CHECKING:
    from finmart.config.standard import Clause


@click.command(epilog="示例：finmart standard --json")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def command(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """逐条列出标准条款的实现状态、流程、模块、测试与实时数据；声明不实时退出码为 1。"""
    with session.platform():
        from finmart.config import figures, standard  # noqa: PLC0415 - after the application is loaded

        table = standard.clauses()
        live = {key: figure() for key, figure in figures.FIGURES.items()}
        faults = standard.faults(table)
    if as_json:
        session.print_json(
            [
                {
                    "clause": clause.id,
                    "state": clause.state,
                    "processes": clause.processes,
                    "modules": clause.modules,
                    "tests": clause.tests,
                    "figure": live.get(clause.id),
                }
                for clause in table
            ]
        )
    else:
        _print_table(table, live)
    for fault in faults:
        click.echo(fault, err=True)
    raise SystemExit(1 if faults else 0)


def _print_table(table: list["Clause"], live: dict[str, str]) -> None:
    shown = Table("条款", "来源", "名称", "状态", "模块", "测试", "实时数据")
    words = {"works": "已实现", "partly": "部分实现", "missing": "未实现"}
    for clause in table:
        shown.add_row(
            clause.id,
            "/".join(clause.origin),
            clause.title,
            words[clause.state],
            "\n".join(clause.modules),
            str(len(clause.tests)),
            live.get(clause.id, ""),
        )
    Console().print(shown)
