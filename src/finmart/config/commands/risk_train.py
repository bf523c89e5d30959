"""``finmart risk train``: a new version of a model, registered with its sum, waiting for two persons."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from finmart.config.commands import risk_sources, session


@click.command(
    epilog="示例：finmart risk train ../shared/data/sme-2020；"
    "finmart risk train loans.csv --label Default --split Selected --name 小企业担保贷款评分卡"
)
@risk_sources.takes_source
@click.option("--name", default="", help="模型名称；同名的模型依次编号（文件夹默认为发票评分卡，表必须写明）")
@click.option("--model", type=click.Choice(["scorecard", "challenger"]), default="scorecard", show_default=True,
              help="评分卡或 LightGBM")  # fmt: skip
def train(source: Path, name: str, model: str, as_json: bool, **words: Any) -> None:  # noqa: FBT001
    """训练并登记一个模型版本；回测先行，经两名不同人员在运营端审批后才生效。"""
    with session.platform():
        from finmart.centres.data.risk import operations, queries  # noqa: PLC0415 - after the application is loaded
        from finmart.centres.data.risk.types import ModelKind  # noqa: PLC0415
        from finmart.kit import transactions  # noqa: PLC0415
        from finmart.kit.actor import Actor  # noqa: PLC0415

        kind, actor = ModelKind(model.upper()), Actor.of_system("评分卡训练")
        with risk_sources.progress() as on_run, transactions.opened():
            given = risk_sources.read(source, words)
            if given.options is None:
                made = operations.train_sme_2020(
                    actor, enterprises=given.files[0], invoices=given.files[1], name=name or queries.INVOICE_MODEL,
                    kind=kind, on_run=on_run,
                )  # fmt: skip
            else:
                made = operations.train_table(
                    actor, given.files[0], given.options, name=name, kind=kind, on_run=on_run
                )  # fmt: skip
    if as_json:
        session.print_json(asdict(made))
    else:
        click.echo(f"已登记 {made.name} 第 {made.number} 版（{made.kind_label}），{made.state_label}")
        click.echo(f"AUC {made.auc:.4f}，SHA-256 {made.sha256}，编号 {made.uuid}")
