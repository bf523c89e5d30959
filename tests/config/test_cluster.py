"""The embedded server: shared, stopped by the last to leave, never opening a closed folder."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from finmart.integrations.postgres.cluster import SUPERUSER, Cluster, ClusterFailure

HOLD = """
import sys, time
from pathlib import Path
from finmart.integrations.postgres.cluster import Cluster
lock = Cluster(Path(sys.argv[1])).join()
print("up", flush=True)
time.sleep(60)
"""


def test_the_last_to_leave_stops_the_server_and_a_killed_one_does_not_count(tmp_path):
    cluster = Cluster(tmp_path)
    mine = cluster.join()
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "up\n"
        cluster.leave(mine)
        assert cluster.is_running()
        mine = cluster.join()
        other.send_signal(signal.SIGKILL)
    assert cluster.is_running()
    cluster.leave(mine)
    assert not cluster.is_running()


def test_a_closed_folder_stays_closed(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = [(folder, folder.stat().st_mode) for folder in (closed, *closed.parents)]
    cluster = Cluster(closed / "home")
    lock = cluster.join()
    try:
        with psycopg.connect(cluster.url(SUPERUSER, "postgres")) as session:
            assert session.execute("SELECT 1").fetchone() == (1,)
    finally:
        cluster.leave(lock)
    assert [(folder, folder.stat().st_mode) for folder, _ in before] == before


def test_a_start_that_was_killed_halfway_is_begun_again(tmp_path):
    cluster = Cluster(tmp_path)
    cluster.pgdata.mkdir(parents=True)
    (cluster.pgdata / "global").mkdir()
    (cluster.pgdata / "global" / "half").write_text("written")
    cluster.leave(cluster.join())
    assert (cluster.pgdata / "PG_VERSION").exists()


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "home").write_text("a file where a folder should be")
    with pytest.raises(ClusterFailure, match=r"^无法在 .*启动数据库：.*。$"):
        Cluster(tmp_path / "home").join()


def test_a_long_path_gets_a_short_socket(tmp_path):
    cluster = Cluster(tmp_path / ("long" * 40))
    assert len(str(cluster.socket_folder)) + len("/.s.PGSQL.5432") < 108
    assert os.fspath(cluster.pgdata).startswith(os.fspath(tmp_path))
