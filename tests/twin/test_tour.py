"""The tour: the whole story over HTTP, told once; what it does when asked for something it cannot do."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from finmart.config import places

FINMART = [sys.executable, "-c", "from finmart.config.commands import main; main()"]
PATIENCE_SECONDS = 400  # on a machine busy with other tests; alone it takes well under a minute and a half


def _tour(*words):
    """Run a tour to its end; one that outlasts our patience is killed and shows what it had said.

    What it says goes to files: with pipes we would wait for every process it started.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        running = subprocess.Popen([*FINMART, "tour", *words], env=_environment(), stdout=out, stderr=err)
        try:
            running.wait(PATIENCE_SECONDS)
        finally:
            running.kill()
            running.wait()
            said = [stream.seek(0) or stream.read() for stream in (out, err)]
            sys.stderr.writelines(said)
    return subprocess.CompletedProcess(running.args, running.returncode, *said)


def _environment():
    dropped = {"FINMART_DATABASE_NAME", "FINMART_BANK_CORE_URL", "FINMART_CLOCK"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


@pytest.fixture
def alone(database_template):
    """A home takes one tour at a time: tests in other processes wait for theirs."""
    with (places.home() / "tour-of-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.slow
@pytest.mark.clause("B1", "B2", "B6", "B10", "F2", "F4")
def test_one_loan_over_http_by_its_people(alone):
    done = _tour("bank_loan", "--json")
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert told["ok"]
    assert len(told["steps"]) >= 20
    assert len(told["accounts"]) >= 5
    assert all(set(step) == {"actor", "act", "result"} and all(step.values()) for step in told["steps"])
    assert all(check["ok"] for check in told["checks"])
    assert len(told["checks"]) == 7
    _check_that_strangers_were_refused(told["steps"])
    _check_that_report_and_pages_are_kept(Path(told["folder"]))


def _check_that_strangers_were_refused(steps):
    refused = {step["act"] for step in steps if step["result"].startswith("被拒绝")}
    assert {
        "打开其他企业的案件",
        "打开另一家银行的案件",
        "撤回授权后再查看企业数据",
        "没有签署授权而签署合同",
    } <= refused
    assert any(step["actor"] == "访客" and step["result"] == "被要求先登录" for step in steps)


def _check_that_report_and_pages_are_kept(folder):
    assert json.loads((folder / "report.json").read_text())["ok"]
    pages = sorted((folder / "pages").glob("*.html"))
    assert len(pages) >= 20
    assert any("比较报价" in page.read_text() for page in pages)


@pytest.mark.slow
def test_ctrl_c_stops_everything_and_leaves_a_report(alone):
    running = subprocess.Popen([*FINMART, "tour", "bank_loan"], env=_environment(), stdout=subprocess.PIPE, text=True)
    try:
        first = running.stdout.readline()
        started = _descendants(running.pid)
        running.send_signal(signal.SIGINT)
        rest = running.communicate(timeout=PATIENCE_SECONDS)[0]
    finally:
        running.kill()
        running.wait()
    assert first.startswith("[01]")
    assert running.returncode == 1
    assert "已按要求停止" in rest
    assert len(started) >= 3
    assert not [pid for pid in started if _is_alive(pid)]


def _descendants(pid):
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in _descendants(child)]


def _is_alive(pid):
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_an_unknown_story_is_answered_with_the_list():
    done = _tour("bank_robbery")
    assert done.returncode == 1
    assert "没有名为 bank_robbery 的演示，可选：bank_loan" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_the_files_is_said_so(tmp_path):
    done = _tour("bank_loan", "--data", str(tmp_path))
    assert done.returncode == 1
    assert "没有 enterprises.csv" in done.stderr


def test_help_has_an_example():
    assert "示例：finmart tour bank_loan" in _tour("--help").stdout
