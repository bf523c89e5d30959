"""Holds the clause table to the test run: a claimed clause whose tests were not all green fails a full run."""

import json

import pytest

from finmart.config import standard

_outcomes: dict[str, dict[str, bool]] = {}


def pytest_collection_modifyitems(items):
    for item in items:
        for mark in item.iter_markers("clause"):
            item.user_properties.extend(("clause", clause) for clause in mark.args)


def pytest_runtest_logreport(report):
    if not report.skipped and (report.when == "call" or report.failed):
        for name, clause in report.user_properties:
            if name == "clause":
                _outcomes.setdefault(clause, {})[report.nodeid] = report.passed


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    whole = session.config.args_source.name != "ARGS" and not session.config.option.keyword
    if hasattr(session.config, "workerinput") or not whole or not _outcomes:
        return
    green = {clause: all(results.values()) for clause, results in _outcomes.items()}
    standard.results_file().write_text(json.dumps(green, indent=1))
    false = [c.id for c in standard.clauses() if c.state != "missing" and not green.get(c.id)]
    if false:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"claimed in docs/standard without green tests: {', '.join(false)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
