"""``finmart grades``: the catalogue of graded fields (数据分级分类目录), clause D2."""

from typing import TYPE_CHECKING

import click
import django
from rich.console import Console
from rich.table import Table

from finmart.config.commands import session

if TYPE_CHECKING:
    from finmart.kit.grades import CatalogueRow


@click.command(epilog="示例：finmart grades --grade 4 --json")
@click.option("--grade", type=click.IntRange(1, 5), default=1, show_default=True, help="只列这一级及以上")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def command(grade: int, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """打印数据分级分类目录：表、字段与企业事实的级别（JR/T 0197）和类别（JR/T 0171）；有未分级的，退出码为 1。"""
    django.setup()
    from finmart.config import grading  # noqa: PLC0415 - after the application is loaded
    from finmart.kit import grades  # noqa: PLC0415

    rows = [row for row in grades.catalogue() if row.grading.grade >= grade]
    if as_json:
        session.print_json([_told(row) for row in rows])
    else:
        _print_table(rows)
    faults = grading.faults()
    for fault in faults:
        click.echo(fault, err=True)
    raise SystemExit(1 if faults else 0)


def _told(row: "CatalogueRow") -> dict[str, object]:
    return {
        "holder": row.holder,
        "title": row.title,
        "name": row.name,
        "grade": row.grading.grade,
        "class": row.grading.data_class,
        "shape": row.grading.shape,
    }


def _print_table(rows: list["CatalogueRow"]) -> None:
    shown = Table("表", "名称", "字段", "级别", "类别", "标识")
    for row in rows:
        grading = row.grading
        shape = grading.shape.label if grading.shape else ""
        shown.add_row(row.holder, row.title, row.name, str(grading.grade), grading.data_class or "", shape)
    Console().print(shown)
