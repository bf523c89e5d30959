"""``finmart keys``: the keys of sealed fields, listed, added, changed without downtime, retired."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from finmart.config.commands import session

if TYPE_CHECKING:
    from finmart.kit.actor import Actor

_purpose = click.option(
    "--purpose", type=click.Choice(["fields", "index"]), default="fields", show_default=True, help="字段加密或盲索引"
)
_algorithm = click.option(
    "--algorithm", type=click.Choice(["SM4-GCM", "AES-256-GCM"]), help="新密钥的算法，默认按 FINMART_FIELD_CIPHER"
)
_json = click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")


@click.group()
def command() -> None:
    """加密密钥：列出、增加、轮换、停用。密钥文件在数据库之外（FINMART_KEYS_FILE）。"""


@command.command("list", epilog="示例：finmart keys list --json")
@_json
def listing(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """列出密钥：编号、用途、算法、状态，以及还有多少个值需要它。从不显示密钥本身。"""
    with _session():
        from finmart.centres.technical.keys import queries  # noqa: PLC0415 - after the application is loaded

        rows = queries.keys_for(_actor())
        is_rotating = queries.is_rotating()
    if as_json:
        keys = [
            {"id": one.id, "purpose": one.purpose, "algorithm": one.algorithm, "made_at": one.made_at,
             "current": one.is_current, "rows": one.rows}
            for one in rows
        ]  # fmt: skip
        session.print_json({"keys": keys, "rotating": is_rotating})
        return
    for one in rows:
        state = "在用" if one.is_current else "只读"
        made = f"{one.made_at:%Y-%m-%d %H:%M}"
        click.echo(f"{one.id}  {one.purpose_label}  {one.algorithm}  {state}  {made}  {one.rows} 个值")


@command.command(epilog="示例：finmart keys add --algorithm AES-256-GCM")
@_purpose
@_algorithm
@_json
def add(purpose: str, algorithm: str | None, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """增加一个只读的新密钥，供分发到各台机器后用 rotate 启用。"""
    with _session():
        key_id = _added(purpose, algorithm)
    if as_json:
        session.print_json({"id": key_id})
    else:
        click.echo(f"已增加密钥 {key_id}；分发密钥文件后执行 finmart keys rotate --key {key_id}")


@command.command(epilog="示例：finmart keys rotate")
@_purpose
@_algorithm
@click.option("--key", "key_id", help="启用已用 add 增加的密钥，而不新建")
@_json
def rotate(purpose: str, algorithm: str | None, key_id: str | None, as_json: bool) -> None:  # noqa: FBT001 - a flag
    """启用新密钥（立即生效，平台不停），再分批把旧密钥的值换成新密钥；中断后由后台任务或 reseal 继续。"""
    with _session():
        from finmart.centres.technical.keys import operations  # noqa: PLC0415 - after the application is loaded
        from finmart.kit import transactions  # noqa: PLC0415

        chosen = key_id or _added(purpose, algorithm)
        with transactions.opened():
            operations.rotate(_actor(), chosen)
        click.echo(f"密钥 {chosen} 已启用", err=True)
        rows = _resealed()
    if as_json:
        session.print_json({"id": chosen, "resealed": rows})
    else:
        click.echo(f"已重新加密 {rows} 个值")


@command.command(epilog="示例：finmart keys reseal")
@_json
def reseal(as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """继续未完成的轮换：把旧密钥的值换成在用的密钥。可重复执行。"""
    with _session():
        rows = _resealed()
    if as_json:
        session.print_json({"resealed": rows})
    else:
        click.echo(f"已重新加密 {rows} 个值")


@command.command(epilog="示例：finmart keys retire k1a2b3c4d")
@click.argument("key_id")
def retire(key_id: str) -> None:
    """停用旧密钥并从密钥文件中删除；仍有值需要它时拒绝。"""
    with _session():
        from finmart.centres.technical.keys import operations  # noqa: PLC0415 - after the application is loaded
        from finmart.kit import transactions  # noqa: PLC0415

        with transactions.opened():
            operations.retire(_actor(), key_id)
    click.echo(f"密钥 {key_id} 已停用")


def _resealed() -> int:
    from finmart.centres.technical.keys import operations, queries  # noqa: PLC0415 - after the application is loaded
    from finmart.kit import transactions  # noqa: PLC0415

    done = 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for column in [one for one in queries.columns_for(_actor()) if one.stale]:
            bar = progress.add_task(column.name, total=column.stale)
            after: int | None = 0
            while after is not None:
                with transactions.opened():
                    batch = operations.reseal(_actor(), column.name, after)
                done, after = done + batch.rows, batch.after
                progress.update(bar, advance=batch.rows)
    with transactions.opened():
        operations.finish(_actor())
    return done


def _added(purpose: str, algorithm: str | None) -> str:
    from finmart.centres.technical.keys import operations  # noqa: PLC0415 - after the application is loaded
    from finmart.kit import transactions  # noqa: PLC0415
    from finmart.kit.crypto import Purpose  # noqa: PLC0415

    with transactions.opened():
        return operations.add(_actor(), purpose=Purpose(purpose.upper()), algorithm=algorithm or "")


def _actor() -> "Actor":
    from finmart.kit.actor import Actor  # noqa: PLC0415 - after the application is loaded

    return Actor.of_system("finmart keys")


@contextmanager
def _session() -> Iterator[None]:
    """A running platform; refusals and unavailable keys are told in one sentence."""
    with session.platform():
        from finmart.kit.crypto import KeysUnavailable, SealBroken  # noqa: PLC0415 - after the application is loaded
        from finmart.kit.errors import Refusal  # noqa: PLC0415

        try:
            yield
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.message}。{refusal.remedy}".rstrip("。")) from refusal
        except (KeysUnavailable, SealBroken) as error:
            raise click.ClickException(str(error)) from error
