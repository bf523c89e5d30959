"""``finmart serve``: the whole platform on one machine, web server and workers, from one command."""

import errno
import fcntl
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import IO

import click

from finmart.config import places
from finmart.config.commands import session
from finmart.config.supervision import ChildEnded, Supervisor
from finmart.integrations.postgres.cluster import Cluster, ClusterFailure
from finmart.kit import clock

Beside = tuple[str, ...]  # name, module, arguments
READY_SECONDS = 60.0
DATABASE_SECONDS = 3.0
PORT_SECONDS = 4.0  # what a killed run may need to let go of its port


@click.command(epilog="示例：finmart serve --port 8001 --workers 4")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址；对外提供服务时另设 FINMART_HOSTS")
@click.option("--port", type=click.IntRange(1, 65535), envvar="PORT", default=8000, show_default=True, help="监听端口")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="网页进程数")
@click.option("--only", type=click.Choice(["web", "worker"]), help="只启动网页或只启动后台任务")
def command(host: str, port: int, workers: int, only: str | None) -> None:
    """启动平台：数据库、网页和后台任务；按 Ctrl-C 全部停止。"""
    serve(host, port, workers=workers, only=only)


def serve(
    host: str,
    port: int,
    *,
    workers: int = 2,
    only: str | None = None,
    first: Callable[[], None] = lambda: None,
    beside: Sequence[Beside] = (),
) -> None:
    """Run until SIGINT or SIGTERM. Raises ClickException, one sentence, for whatever keeps it from running.

    ``first`` is called with the database ready and nobody served yet; ``beside`` names what is to be run once, when
    the platform answers.
    """
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, stop)  # SIGINT too: a shell that starts us in the background has it ignored
    address = f"http://{host}:{port}"
    try:
        with _alone(address, only):
            if only != "worker":
                _require_port(host, port)
            with session.platform():
                first()
                _run(host, port, workers, only, beside)
    except KeyboardInterrupt:
        click.echo("已停止", err=True)


def _run(host: str, port: int, workers: int, only: str | None, beside: Sequence[Beside]) -> None:
    supervisor = Supervisor(_environment(host, port))
    try:
        if only == "worker":
            supervisor.start("后台任务进程", "finmart.config.worker")
            click.echo("后台任务进程已启动（按 Ctrl-C 停止）")
        else:
            supervisor.start(
                "网页进程", "finmart.config.web", "--host", host, "--port", str(port), "--workers", str(workers),
                must_live=True,
            )  # fmt: skip
            wait_until_ready(supervisor, host, port)  # both at once would load the application twice as slowly
            if only != "web":
                supervisor.start("后台任务进程", "finmart.config.worker")
            click.echo(f"平台已启动：http://{host}:{port} （按 Ctrl-C 停止）")
            for name, module, *arguments in beside:
                supervisor.start(name, module, *arguments, is_once=True)
        _watch(supervisor)
    except ChildEnded as error:
        raise click.ClickException(f"{error}，平台已停止；原因见上方日志。") from error
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end must not be cut short
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        supervisor.stop()


def _environment(host: str, port: int) -> dict[str, str]:
    """Return what the children inherit: one origin for links, and one clock however late a child is started."""
    shift = {"FINMART_CLOCK_SHIFT_SECONDS": str(clock.shift().total_seconds())} if clock.shift() else {}
    return {"FINMART_ORIGIN": f"http://{host}:{port}", **os.environ, **shift}


def _watch(supervisor: Supervisor) -> None:
    cluster, seen_at = places.embedded(), time.monotonic()
    while True:
        supervisor.check()
        if cluster and time.monotonic() - seen_at > DATABASE_SECONDS:
            _revive(cluster)
            seen_at = time.monotonic()
        time.sleep(0.5)


def _revive(cluster: Cluster) -> None:
    """Start the embedded database again where it was killed; a full disk may need some tries."""
    if cluster.is_running():
        return
    try:
        cluster.join().close()  # the lock that keeps the server up is held by our session
        click.echo("数据库曾意外停止，已重新启动", err=True)
    except ClusterFailure as error:
        click.echo(str(error), err=True)


def wait_until_ready(supervisor: Supervisor, host: str, port: int) -> None:
    """Return once the web server answers. Raises ClickException when it takes too long, ChildEnded when it ended."""
    reached = "127.0.0.1" if host in {"0.0.0.0", ""} else host  # noqa: S104 - compared, not bound
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        supervisor.check()
        asked = http.client.HTTPConnection(reached, port, timeout=5)
        try:
            asked.request("GET", "/readyz")
            if asked.getresponse().status == http.client.OK:
                return
        except OSError:
            pass  # not listening yet
        finally:
            asked.close()
        time.sleep(0.1)
    raise click.ClickException(f"平台 {READY_SECONDS:.0f} 秒内没有就绪，已停止；原因见上方日志。")


def _require_port(host: str, port: int) -> None:
    end = time.monotonic() + PORT_SECONDS
    while True:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(found[0], socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(found[4])
        except socket.gaierror as error:
            raise click.ClickException(f"监听地址 {host} 不存在。") from error
        except OSError as error:
            if time.monotonic() < end:
                time.sleep(0.2)
                continue
            reason = "已被占用" if error.errno == errno.EADDRINUSE else f"无法使用（{error.strerror}）"
            raise click.ClickException(f"端口 {port} {reason}：请用 --port 换一个端口，或停止占用它的程序。") from error
        return


@contextmanager
def _alone(address: str, only: str | None) -> Iterator[None]:
    """Refuse a second platform on the same home; several ``--only worker`` may stand beside one web server."""
    if only == "worker":
        yield
        return
    file = places.home() / "serve.lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        held = file.open("a+")
    except OSError as error:
        raise click.ClickException(f"无法写入 {places.home()}：{error.strerror}。请检查 FINMART_HOME。") from error
    with held:
        _take(held)
        held.truncate(0)
        held.write(address)
        held.flush()
        yield


def _take(held: IO[str]) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.seek(0)
        raise click.ClickException(
            f"{places.home()} 上的平台已在运行（{held.read()}）：直接打开即可，或先停止它，或另设 FINMART_HOME。"
        ) from error


def stop(_signal: int, _frame: FrameType | None) -> None:
    """End this process in order: what a signal calls."""
    raise KeyboardInterrupt
