"""A contract and its papers, as a browser shows them: read, signed, uploaded."""

from decimal import Decimal

import pytest

from factories import cases, parties
from factories import documents as files
from finmart.centres.business.instruments import operations
from finmart.centres.business.instruments.types import ContractFee, LoanTerms
from finmart.centres.technical.parties.models import Person
from finmart.centres.technical.parties.types import Role
from finmart.kit import transactions
from finmart.kit.finance import RepaymentMethod

pytestmark = pytest.mark.browser


@pytest.fixture
def drafted(site):
    """A contract that waits for its firm, and the name of the firm's legal person."""
    with transactions.opened():
        boss = parties.enterprise(Role.ENTERPRISE_LEGAL_PERSON, name="苏州示例精密机械制造有限公司")
        manager = parties.bank(name="示例银行股份有限公司苏州工业园区支行")
        case = cases.loan_case(boss, manager)
        terms = LoanTerms(
            amount_fen=300_000_000,
            annual_rate=Decimal("0.0435"),
            months=12,
            method=RepaymentMethod.EQUAL_INSTALMENT,
            purpose="采购精密轴承和伺服电机",
            all_in_annual_rate=Decimal("0.0478"),
            fees=(ContractFee("评估费", 100_000),),
            collateral=("厂房抵押，苏（2020）苏州市不动产权第 0001 号",),
            conditions=("抵押登记办妥", "提供上月增值税申报表"),
        )
        contract = operations.draft_contract(manager, case_uuid=case.uuid, terms=terms)
        return contract, Person.objects.get(pk=boss.person_id).username


def test_a_legal_person_reads_and_signs(page_as, drafted):
    contract, username = drafted
    visit = page_as(username)
    visit.go("/contracts/")
    visit.check("contracts")
    visit.go(f"/contracts/{contract.uuid}/")
    visit.check("contract-draft")

    def sign(page):
        page.check("[name=has_read]")
        page.click("text=签署合同")
        page.wait_for_selector("text=签名有效")

    visit.do(sign)
    visit.check("contract-signed")
    visit.go(f"/documents/{contract.document_uuid}/history/")
    visit.check("document-history")


def test_a_file_is_uploaded_and_a_disguised_one_refused(page_as, drafted):
    visit = page_as(drafted[1])
    visit.go("/documents/")

    def upload(name, content, shown):
        def steps(page):
            page.set_input_files("[name=file]", {"name": name, "mimeType": "application/pdf", "buffer": content})
            page.click("main button[type=submit]")
            page.wait_for_selector(shown)

        visit.do(steps)

    upload("合同附件.pdf", files.EXE, "#upload-error")
    visit.check("document-refused")
    upload("营业执照.pdf", files.PDF, "table >> text=营业执照.pdf")
    visit.check("documents")
