"""``finmart ledger verify`` on a database with one paid loan."""

import json

import pytest
from click.testing import CliRunner
from django.db import transaction

from factories import funds as lending_of
from factories import servicing as loan_of
from factories.funds import BANK_CORE
from finmart.centres.business.funds import operations
from finmart.centres.business.funds.models import PrincipalBalance
from finmart.config import figures
from finmart.config.commands import ledger, session
from finmart.kit import clock


@pytest.fixture
def platform(committed_database, monkeypatch):
    from contextlib import nullcontext

    monkeypatch.setattr(session, "platform", nullcontext)


def _verify(*words):
    return CliRunner().invoke(ledger.command, ["verify", *words])


@pytest.mark.clause("B10")
def test_books_that_balance_and_books_that_do_not(platform):
    with transaction.atomic():
        lending = lending_of.paid(1_000)
    answer = json.loads(_verify("--json").stdout)
    assert answer == {
        "ok": True, "postings": 1, "debit_fen": 1_000, "credit_fen": 1_000, "crooked": [], "reconciled_lenders": 0,
        "differences": [],
    }  # fmt: skip
    assert "借方 10.00 元，贷方 10.00 元" in _verify().stdout
    with transaction.atomic():
        operations.record_reconciliation(BANK_CORE, lending.manager.organisation_id, clock.today(), [])
    result = _verify()
    assert result.exit_code == 1
    assert f"disbursement:{lending.uuid} NOT_AT_BANK" in result.stdout
    PrincipalBalance.objects.update(debit_fen=2_000)
    assert len(json.loads(_verify("--json").stdout)["crooked"]) == 1


@pytest.mark.clause("O5")
@pytest.mark.django_db
def test_the_figures_of_money_and_cost():
    assert figures.all_in_cost() == "暂无在贷"
    loan_of.in_force(12_000_000, loan_of.terms(rate="0.12", day_count=loan_of.DayCount.THIRTY_360))
    assert figures.all_in_cost() == "在贷综合年化成本（含费用）平均 12.68%"
    assert figures.loans_in_force() == "1 笔贷款在贷，余额 120,000.00 元"
    assert figures.balanced_postings() == "1 笔记账，借贷平衡，借方 120,000.00 元"
