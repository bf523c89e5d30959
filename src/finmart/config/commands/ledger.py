"""``finmart ledger verify``: do the books balance, and does the bank agree?"""

import click

from finmart.config.commands import session
from finmart.kit.actor import Actor
from finmart.kit.money import format_yuan

MOST_RECONCILIATIONS = 2_000


@click.group()
def command() -> None:
    """资金账簿。"""


@command.command(epilog="示例：finmart ledger verify --json")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def verify(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """核对借贷平衡、余额与分录一致，以及各机构最近一次银行对账；有不符时退出码为 1。"""
    with session.platform():
        from finmart.centres.business.funds import queries  # noqa: PLC0415 - after the application is loaded

        balance, postings = queries.trial_balance(), queries.count_postings()
        newest_first = queries.reconciliations_for(Actor.of_system("ledger"), limit=MOST_RECONCILIATIONS)
    latest = {view.lender_id: view for view in reversed(newest_first)}
    differences = [
        {"lender": view.lender_id, "day": view.day, "key": d.key, "kind": str(d.kind),
         "ledger_fen": d.ledger_fen, "bank_fen": d.bank_fen}
        for view in latest.values()
        for d in view.differences
    ]  # fmt: skip
    ok = balance.ok and not differences
    if as_json:
        session.print_json({
            "ok": ok, "postings": postings, "debit_fen": balance.debit_fen, "credit_fen": balance.credit_fen,
            "crooked": balance.crooked, "reconciled_lenders": len(latest), "differences": differences,
        })  # fmt: skip
    else:
        debit, credit = format_yuan(balance.debit_fen), format_yuan(balance.credit_fen)
        click.echo(f"记账 {postings} 笔，借方 {debit} 元，贷方 {credit} 元")
        click.echo(f"已对账机构 {len(latest)} 家，差异 {len(differences)} 条，余额不符账户 {len(balance.crooked)} 个")
        for line in differences:
            amounts = f"账上 {line['ledger_fen']} 分，银行 {line['bank_fen']} 分"
            click.echo(f"  {line['day']} {line['key']} {line['kind']}：{amounts}")
    raise SystemExit(0 if ok else 1)
