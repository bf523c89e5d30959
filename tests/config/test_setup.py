"""A machine that lacks something gets one clear sentence, and what is there is found."""

import importlib.util
import os
import subprocess
import sys

import pytest

from finmart.config import places

SCRIPT = places.CHECKOUT / "tools" / "setup_environment.py"


@pytest.fixture
def setup_environment():
    spec = importlib.util.spec_from_file_location("setup_environment", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_is_told_so(setup_environment, monkeypatch, capsys):
    monkeypatch.setattr(setup_environment.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as stopped:
        setup_environment.require_python()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == (
        "finmart setup: Python 3.11 or newer is needed, this is 3.9; run make PYTHON=/path/to/python3.11 setup.\n"
    )


def test_a_python_without_venv_is_told_what_to_install(setup_environment, monkeypatch, capsys):
    monkeypatch.setattr(setup_environment.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit):
        setup_environment.require_python()
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_no_browser_and_no_right_to_install_one_is_one_sentence(setup_environment, monkeypatch, capsys):
    monkeypatch.setattr(setup_environment.shutil, "which", lambda _: None)
    monkeypatch.setattr(setup_environment.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit):
        setup_environment.require_for_tests()
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_library_is_named_by_its_package(setup_environment, monkeypatch):
    def refuse(_):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(setup_environment.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert setup_environment.packages_for_tests() == []
    monkeypatch.setattr(setup_environment.ctypes, "CDLL", refuse)
    assert setup_environment.packages_for_tests() == ["libgomp1"]


def test_the_script_reads_on_a_python_that_is_too_old():
    # Nothing newer than Python 3.6 in its syntax, or the machine that needs the sentence gets a traceback.
    source = SCRIPT.read_text(encoding="utf-8")
    compile(source, str(SCRIPT), "exec", dont_inherit=True)
    assert subprocess.run(
        [sys.executable, "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 6))", SCRIPT],
        check=False,
    ).returncode == 0  # fmt: skip


def test_a_second_setup_does_nothing_and_is_quick(setup_environment):
    if not (places.CHECKOUT / ".venv" / "frontend.stamp").exists():
        pytest.skip("this checkout was not set up by make setup")
    finished = subprocess.run(
        [sys.executable, SCRIPT], capture_output=True, text=True, check=True, env=dict(os.environ), timeout=60
    )
    assert (finished.stdout, finished.stderr) == ("", "")
