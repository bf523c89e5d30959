"""``finmart simulate``: systems of others, each a process of its own that speaks the real wire."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from wsgiref.simple_server import WSGIServer

import click

from finmart.config import places, supervision


@click.group()
def command() -> None:
    """模拟外部系统（仅供演示与测试）。"""


@command.command("bank-core", epilog="示例：finmart simulate bank-core --port 8101")
@click.option("--port", default=8101, show_default=True, help="监听端口；0 表示任选空闲端口")
@click.option("--books", type=click.Path(path_type=Path), help="账簿文件；缺省在 $FINMART_HOME/simulators 下")
def bank_core(port: int, books: Path | None) -> None:
    """启动模拟银行核心系统；标准输出第一行是它的地址，填入 FINMART_BANK_CORE_URL 即可使用。"""
    _prepare()
    from django.conf import settings  # noqa: PLC0415 - read after FINMART_HOME is known

    from finmart.integrations.bank_core.simulator import make_bank_core  # noqa: PLC0415 - needs the settings

    secret = settings.FINMART_BANK_CORE_SECRET or settings.SECRET_KEY
    kept_in = books or places.home() / "simulators" / "bank_core.sqlite"
    _serve(lambda: make_bank_core(kept_in, secret.encode(), port=port), port)


@command.command("sources", epilog="示例：finmart simulate sources --port 8102")
@click.option("--port", default=8102, show_default=True, help="监听端口；0 表示任选空闲端口")
@click.option("--books", type=click.Path(path_type=Path), help="数据文件；缺省在 $FINMART_HOME/simulators 下")
def sources(port: int, books: Path | None) -> None:
    """启动模拟数据来源（各供数单位）；标准输出第一行是它的地址，填入 FINMART_SOURCES_URL 即可使用。"""
    _prepare()
    from django.conf import settings  # noqa: PLC0415 - read after FINMART_HOME is known

    from finmart.integrations.data_sharing.simulator import make_sources  # noqa: PLC0415 - needs the settings

    secret = settings.FINMART_SOURCES_SECRET or settings.SECRET_KEY
    kept_in = books or places.home() / "simulators" / "sources.sqlite"
    _serve(lambda: make_sources(kept_in, secret.encode(), port=port), port)


def _prepare() -> None:
    """Name the settings; the application itself is not loaded: a simulator knows nothing of ours but the secret."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    if os.environ.get("FINMART_PARENT"):
        supervision.end_with_parent()


def _serve(make: Callable[[], WSGIServer], port: int) -> None:
    try:
        server = make()
    except OSError as error:
        raise click.ClickException(f"端口 {port} 无法使用（{error.strerror}），请用 --port 换一个端口") from error
    signal.signal(signal.SIGTERM, _stop)
    with server:
        click.echo(f"http://127.0.0.1:{server.server_port}")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("已停止", err=True)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def bank_core_beside(books: Path | None = None) -> Iterator[str]:
    """Have a simulated bank core run beside this process and yield its address, unless one is named already.

    Sets ``FINMART_BANK_CORE_URL`` for the processes started inside the block; stops what it started.
    ``books`` is where it keeps its books, by default where every simulator of this home does.
    """
    with _beside("bank-core", "FINMART_BANK_CORE_URL", books) as address:
        yield address


@contextmanager
def sources_beside(books: Path | None = None) -> Iterator[str]:
    """Have simulated sources run beside this process, as :func:`bank_core_beside`, at ``FINMART_SOURCES_URL``."""
    with _beside("sources", "FINMART_SOURCES_URL", books) as address:
        yield address


@contextmanager
def _beside(name: str, variable: str, books: Path | None) -> Iterator[str]:
    named = os.environ.get(variable)
    if named:
        yield named
        return
    words = [sys.executable, "-m", "finmart.config.commands.simulate", name, "--port", "0"]
    words += ["--books", str(books)] if books else []
    environment = {**os.environ, "FINMART_PARENT": str(os.getpid())}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as simulator:
        try:
            address = simulator.stdout.readline().strip() if simulator.stdout else ""
            if not address:
                raise click.ClickException(f"模拟系统 {name} 没有启动")
            os.environ[variable] = address
            yield address
        finally:
            os.environ.pop(variable, None)
            simulator.terminate()


if __name__ == "__main__":
    command()
