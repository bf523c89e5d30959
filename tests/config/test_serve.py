"""One command brings the platform up, tells trouble in one sentence, and leaves nothing running."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from finmart.config.commands import serve
from finmart.integrations.postgres.cluster import SUPERUSER, Cluster
from finmart.kit import clock

FINMART = [sys.executable, "-c", "from finmart.config.commands import main; main()"]
COMMAND = [*FINMART, "serve"]
ADDRESS = "127.0.0.1"


def _environment(home, **changes):
    dropped = {"FINMART_DATABASE_NAME", "FINMART_DATABASE_URL", "PORT"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "FINMART_HOME": str(home), **changes}


def _free_port():
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def _children(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _descendants(pid):
    found = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found


def _is_alive(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _page(port, path):
    asked = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    try:
        asked.request("GET", path)
        answer = asked.getresponse()
        return answer.status, answer.read().decode()
    finally:
        asked.close()


def _status(port, path):
    return _page(port, path)[0]


class Platform:
    def __init__(self, home):
        self.home, self.port = home, _free_port()
        self.running = None

    def start(self, command="serve", *options):
        words = [*FINMART, command, "--port", str(self.port), "--workers", "1", *options]
        self.running = subprocess.Popen(
            words, env=_environment(self.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self.running.stdout.readline()
        assert f"http://{ADDRESS}:{self.port}" in line, line + self.running.stderr.read()
        return _descendants(self.running.pid)

    def end(self, how):
        self.running.send_signal(how)
        told = self.running.communicate(timeout=60)
        return self.running.returncode, told[1]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("serve")


@pytest.fixture
def platform(home):
    platform = Platform(home)
    yield platform
    if platform.running:
        if platform.running.poll() is None:
            platform.running.terminate()
        platform.running.communicate(timeout=60)
    cluster = Cluster(home)
    if cluster.is_running():
        cluster.leave(cluster.join())


@pytest.mark.clause("F6")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_leaves_nothing_running(platform, how):
    started = platform.start()
    assert len(started) >= 3
    assert [_status(platform.port, path) for path in ("/livez", "/readyz", "/")] == [200, 200, 200]
    code, told = platform.end(how)
    assert (code, told) == (0, "已停止\n")
    assert [pid for pid in started if _is_alive(pid)] == []
    assert not Cluster(platform.home).is_running()


def test_a_second_start_and_a_taken_port_are_told_in_one_sentence(platform, tmp_path):
    platform.start()
    for place, port, telling in ((platform.home, _free_port(), "已在运行"), (tmp_path, platform.port, "已被占用")):
        second = subprocess.run(
            [*COMMAND, "--port", str(port)], env=_environment(place), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert telling in second.stderr
        assert len(second.stderr.splitlines()) == 1
        assert str(platform.port) in second.stderr


@pytest.mark.clause("F6")
def test_a_killed_run_takes_its_children_along_and_can_be_started_again(platform):
    started = platform.start()
    platform.running.kill()
    platform.running.communicate(timeout=10)
    _until(lambda: not [pid for pid in started if _is_alive(pid)])
    platform.start()
    assert _status(platform.port, "/readyz") == 200


@pytest.mark.clause("F6")
def test_a_killed_worker_is_replaced_and_a_killed_server_ends_the_platform(platform):
    platform.start()
    web, worker = _children(platform.running.pid)
    os.kill(worker, signal.SIGKILL)
    _until(lambda: len(set(_children(platform.running.pid)) - {worker}) == 2)
    assert _status(platform.port, "/readyz") == 200
    os.kill(web, signal.SIGKILL)
    told = platform.running.communicate(timeout=60)[1]
    assert platform.running.returncode == 1
    assert "网页进程意外退出" in told
    assert "Traceback" not in told


@pytest.mark.clause("F6")
def test_a_killed_database_is_started_again_and_until_then_nothing_is_ready(platform):
    platform.start()
    postmaster = int((Cluster(platform.home).pgdata / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
    _until(lambda: _status(platform.port, "/readyz") == 503)
    assert _status(platform.port, "/livez") == 200
    _until(lambda: _status(platform.port, "/readyz") == 200)
    assert _status(platform.port, "/") == 200


@pytest.mark.parametrize("words", [["work"], ["serve", "--only", "worker"]])
def test_a_worker_stands_alone_and_stops_when_told(home, words):
    running = subprocess.Popen(
        [*FINMART, *words], env=_environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert "已启动" in running.stdout.readline()
    started = _descendants(running.pid)
    time.sleep(1)  # told before it takes jobs, it would end without having begun
    running.terminate()
    told = running.communicate(timeout=60)[0]
    assert (running.returncode, "Traceback" in told) == (0, False)
    assert [pid for pid in started if _is_alive(pid)] == []
    assert not Cluster(home).is_running()


def test_all_processes_share_one_shifted_clock(monkeypatch):
    with clock.moved_to(datetime(2020, 3, 2, 9, tzinfo=UTC)):
        environment = serve._environment(ADDRESS, 8000)
        expected = datetime.now(UTC) + timedelta(seconds=float(environment["FINMART_CLOCK_SHIFT_SECONDS"]))
        assert abs(expected - clock.now()) < timedelta(seconds=5)
    monkeypatch.delenv("FINMART_CLOCK_SHIFT_SECONDS", raising=False)
    assert "FINMART_CLOCK_SHIFT_SECONDS" not in serve._environment(ADDRESS, 8000)


@pytest.mark.slow
def test_the_demo_shows_its_accounts_and_dies_whole(platform):
    started = platform.start("demo", "--firms", "20", "--cases", "2")
    assert "演示" in _page(platform.port, "/accounts/sign-in/")[1]
    assert len(started) >= 4
    _until(lambda: _cases_of(platform.home) == 2)
    platform.running.kill()
    platform.running.communicate(timeout=20)
    _until(lambda: not [pid for pid in started if _is_alive(pid)])


def _cases_of(home):
    with psycopg.connect(Cluster(home).url(SUPERUSER, "finmart")) as session:
        return session.execute("SELECT count(*) FROM cases_case").fetchone()[0]


@pytest.mark.parametrize("place", ["file", "/proc/finmart"])
def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path, place):
    (tmp_path / "file").write_text("no folder")
    told = subprocess.run(
        [*COMMAND, "--port", str(_free_port())], env=_environment(tmp_path / place),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.startswith("Error: 无法")
    assert len(told.stderr.splitlines()) == 1


def test_a_disk_that_takes_no_more_is_one_sentence(tmp_path):
    limited = ["bash", "-c", 'ulimit -f 200; trap "" XFSZ; exec "$@"', "bash", *COMMAND, "--port", str(_free_port())]
    told = subprocess.run(limited, env=_environment(tmp_path), capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_a_port_that_is_none_is_told():
    told = subprocess.run(COMMAND, env=_environment("x", PORT="abc"), capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
