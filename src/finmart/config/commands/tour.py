"""``finmart tour``: a whole story played over HTTP on a platform of its own, and held against its tables."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import httpx
import psycopg
from rich.console import Console
from rich.status import Status

from finmart.config import database, places
from finmart.config.commands import serve, session, simulate
from finmart.config.supervision import ChildEnded, Supervisor
from finmart.integrations.postgres.cluster import ClusterFailure
from finmart.kit.errors import Refusal
from finmart.twin.tours import evidence
from finmart.twin.tours.pages import UnlikePage
from finmart.twin.tours.records import Record

if TYPE_CHECKING:
    from finmart.twin.casting import Firm
    from finmart.twin.tours.bank_loan import BankLoan, Cast

TOURS = {"bank_loan": "银行流动资金贷款：从需求到归档"}
DATABASE = "finmart_tour"
HOST = "127.0.0.1"
SME_2020_MOMENT = datetime.fromisoformat("2020-03-02T09:00:00+08:00")
CHECK_SECONDS = 120


@click.command(epilog="示例：finmart tour bank_loan --json")
@click.argument("name")
@click.option("--data", "folder", type=click.Path(path_type=Path), help="用该文件夹中 sme-2020 的一家真实企业来演")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印 JSON")
def command(name: str, folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - a command line flag
    """在独立的数据库与端口上，由每个人各用自己的会话，把一个完整业务演一遍；不符预期时退出码为 1。

    可演：bank_loan（银行流动资金贷款）。过程与页面留在 $FINMART_HOME/tours/ 下；启动的进程结束时全部停止。
    """
    if name not in TOURS:
        listed = "、".join(f"{known}（{label}）" for known, label in TOURS.items())
        raise click.ClickException(f"没有名为 {name} 的演示，可选：{listed}。")
    files = _files(folder) if folder else None
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, serve.stop)
    record = Record(places.home() / "tours" / name, lambda line: click.echo(line, err=as_json))
    begun = time.monotonic()
    with _alone(record.folder):
        try:
            _tour(record, files)
        except KeyboardInterrupt:
            record.fail("已按要求停止")
        report = record.save()
    if as_json:
        session.print_json(record.answer())
    else:
        verdict = "全部符合预期" if record.ok else "不符预期"
        click.echo(
            f"{verdict}：{len(record.steps)} 步，{len(record.accounts)} 个账号，"
            f"{time.monotonic() - begun:.0f} 秒；报告与页面在 {report.parent}"
        )
    raise SystemExit(0 if record.ok else 1)


def _files(folder: Path) -> tuple[Path, Path]:
    found = folder / "enterprises.csv", folder / "invoices.parquet"
    for file in found:
        if not file.is_file():
            raise click.ClickException(f"{folder} 中没有 {file.name}：请给出 sme-2020 所在的文件夹。")
    return found


def _tour(record: Record, files: tuple[Path, Path] | None) -> None:
    _set_environment(record.folder, files)
    cluster = places.embedded()
    try:
        lock = cluster.join() if cluster else None
    except ClusterFailure as error:
        raise click.ClickException(str(error)) from error
    try:
        with Status("准备数据库与示例城市", console=Console(stderr=True)) as status:
            database.drop(DATABASE)
            with session.platform():
                firm, cast = _cast(files, status.update)
        record.borrower = {"name": firm.name, "credit_code": firm.credit_code, "note": firm.note}
        if firm.note:
            click.echo(firm.note, err=True)
        with simulate.bank_core_beside(record.folder / "bank_core.sqlite"), _platform(record.folder) as origin:
            _play(record, origin, cast)
    except psycopg.Error as error:
        raise click.ClickException(f"无法使用数据库 {DATABASE}：{str(error).strip().splitlines()[0]}") from error
    finally:
        if cluster and lock:
            cluster.leave(lock)


def _set_environment(folder: Path, files: object) -> None:
    """Have this process and all it starts work on the tour's own database, clock, mails and bank core."""
    os.environ |= {
        "FINMART_DATABASE_NAME": DATABASE,
        "FINMART_MAIL_FOLDER": str(folder / "mail"),
        "FINMART_BANK_CORE_SECRET": secrets.token_urlsafe(32),
        "DJANGO_SETTINGS_MODULE": "finmart.config.settings",
    }
    for name in ("FINMART_BANK_CORE_URL", "FINMART_CLOCK", "FINMART_ORIGIN"):
        os.environ.pop(name, None)
    if files:
        shift = SME_2020_MOMENT - datetime.now(UTC)
        os.environ["FINMART_CLOCK_SHIFT_SECONDS"] = str(shift.total_seconds())


def _cast(files: tuple[Path, Path] | None, tell: Callable[[str], None]) -> "tuple[Firm, Cast]":
    from finmart.centres.data.sources.types import SourceFile  # noqa: PLC0415 - after the application is loaded
    from finmart.twin import casting  # noqa: PLC0415

    try:
        if files:
            sources = [SourceFile(file.name, file.read_bytes()) for file in files]
            firm = casting.firm_of_files(sources[0], sources[1], tell)
        else:
            firm = casting.sample_firm(tell)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message}。{refusal.remedy}") from refusal
    return firm, _players(firm)


def _players(firm: "Firm") -> "Cast":
    from finmart.kit import clock  # noqa: PLC0415
    from finmart.twin import casting  # noqa: PLC0415
    from finmart.twin.people import DEMO_ACCOUNTS, DEMO_PASSWORD  # noqa: PLC0415
    from finmart.twin.tours.bank_loan import Bank, Cast  # noqa: PLC0415
    from finmart.twin.tours.browsing import Player  # noqa: PLC0415

    names = {one.username: one.full_name for one in DEMO_ACCOUNTS} | casting.NAMES
    banks = casting.small_city().banks

    def player(username: str, place: str) -> Player:
        return Player(username, f"{names.get(username, username)}（{place}）", DEMO_PASSWORD)

    def bank(place: int, prefix: str, product: str, rate: str) -> Bank:
        def of(role: str) -> Player:
            return player(f"{prefix}{role}", banks[place])

        managers = (of("manager1"), of("manager2"))
        return Bank(banks[place], product, managers, of("reviewer"), of("approver"), of("officer"), rate)

    return Cast(
        clerk=player(firm.clerk, firm.name),
        legal=player(firm.legal, firm.name),
        bank_a=bank(0, "", "经营周转贷", "4.35"),
        bank_b=bank(1, "b", "发票贷", "4.80"),
        stranger=player(casting.STRANGER, "另一家企业"),
        today=clock.today(),
    )


@contextmanager
def _platform(folder: Path) -> Iterator[str]:
    """Run web server and worker on a free loopback port; what they say goes to a file of the report."""
    port = _free_port()
    origin = f"http://{HOST}:{port}"
    with (folder / "platform.log").open("wb") as log:
        supervisor = Supervisor({**os.environ, "FINMART_ORIGIN": origin}, log=log)
        try:
            supervisor.start("后台任务进程", "finmart.config.worker")
            supervisor.start(
                "网页进程", "finmart.config.web", "--host", HOST, "--port", str(port), "--workers", "1", must_live=True
            )
            serve.wait_until_ready(supervisor, HOST, port)
            yield origin
        except ChildEnded as error:
            raise click.ClickException(f"{error}，演示已停止；原因见 {log.name}。") from error
        finally:
            for ending in (signal.SIGTERM, signal.SIGINT):
                signal.signal(ending, signal.SIG_IGN)  # the end must not be cut short
            supervisor.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _play(record: Record, origin: str, cast: "Cast") -> None:
    from finmart.twin.tours.bank_loan import BankLoan  # noqa: PLC0415
    from finmart.twin.tours.stage import Stage  # noqa: PLC0415

    stage = Stage(origin, record)
    story = BankLoan(stage, cast)
    try:
        story.play()
        _verify(record, story)
    except (UnlikePage, httpx.HTTPError) as error:
        record.fail(str(error))
    finally:
        stage.close()


def _verify(record: Record, story: "BankLoan") -> None:
    """Hold the story against the tables and the platform's own checks."""
    found = evidence.read(places.database_url(), DATABASE, story.case_a)
    amount = story.contract_fen
    record.check("放款本金等于合同金额", found.lent_fen == amount > 0, f"账簿 {found.lent_fen} 分，合同 {amount} 分")
    record.check(
        "收回本金等于合同金额", found.repaid_fen == amount > 0, f"账簿 {found.repaid_fen} 分，合同 {amount} 分"
    )
    balanced = found.debit_fen == found.credit_fen > 0
    record.check("案件账务借贷平衡", balanced, f"借方 {found.debit_fen} 分，贷方 {found.credit_fen} 分")
    record.check("各步骤的期限在册", found.deadlines > 0, f"{found.deadlines} 条")
    record.check("流程事件在册", found.events > 0 and found.people > 1, f"{found.events} 条，{found.people} 人")
    ledger, audit = _asked(("ledger", "verify", "--json"), ("audit", "verify", "--json"))
    record.check("全部账务借贷平衡", ledger.get("ok") is True, json.dumps(ledger, ensure_ascii=False))
    record.check("审计链完整", audit.get("ok") is True and bool(audit.get("rows")), json.dumps(audit))


def _asked(*commands: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what commands of ours answer, run side by side in processes of their own on the tour's database."""
    call = [sys.executable, "-c", "from finmart.config.commands import main; main()"]
    running = [subprocess.Popen([*call, *words], stdout=subprocess.PIPE, text=True) for words in commands]
    answers = []
    for child in running:
        said, _ = child.communicate(timeout=CHECK_SECONDS)
        answers.append(json.loads(said) if said.strip() else {"exit": child.returncode})
    return answers


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Have the tour's folder, made anew, to itself. Raises ClickException where another run has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder.parent / f"{folder.name}.lock").open("a+")
    except OSError as error:
        raise click.ClickException(f"无法写入 {folder}：{error.strerror}。请检查 FINMART_HOME。") from error
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException("同一个演示正在进行：请等它结束，或另设 FINMART_HOME。") from error
        shutil.rmtree(folder)
        folder.mkdir()
        yield
