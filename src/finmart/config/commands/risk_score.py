"""``finmart risk score`` and ``finmart risk replay``: scores of all firms, and whether they come out the same again."""

import time

import click

from finmart.config.commands import session
from finmart.kit.actor import Actor
from finmart.kit.errors import Refusal

SHOWN = 20


@click.command(epilog="示例：finmart risk score --json")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def score(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """用生效的评分卡为所有有发票的企业评分并保存；评分只供参考，机构自主决定。"""
    begun = time.perf_counter()
    with session.platform():
        from finmart.centres.data.risk import operations  # noqa: PLC0415 - after the application is loaded
        from finmart.kit import transactions  # noqa: PLC0415

        try:
            with transactions.opened():
                told = operations.score(Actor.of_system("风险评分"))
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.message}。{refusal.remedy}。") from refusal
    seconds = round(time.perf_counter() - begun, 1)
    if as_json:
        session.print_json({"scores": len(told), "seconds": seconds})
    else:
        click.echo(f"已为 {len(told)} 家企业评分，用时 {seconds} 秒")


@click.command(epilog="示例：finmart risk replay --json")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def replay(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """按保存的输入与当时的模型版本重算评分；有不一致或模型文件被篡改时退出码为 1。"""
    with session.platform():
        from finmart.centres.data.risk import queries  # noqa: PLC0415 - after the application is loaded

        try:
            told = queries.replay_all(Actor.of_system("风险评分复算"))
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.message}。{refusal.remedy}。") from refusal
    odd = [one for one in told if not one.is_same]
    if as_json:
        session.print_json({"ok": not odd, "scores": len(told), "different": len(odd)})
    else:
        click.echo(f"重算 {len(told)} 个评分，不一致 {len(odd)} 个")
        for one in odd[:SHOWN]:
            click.echo(f"  {one.score}：{'；'.join(one.differences)}")
    raise SystemExit(1 if odd else 0)
