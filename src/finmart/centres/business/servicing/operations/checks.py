"""Looking after a loan (贷后检查)."""

from uuid import UUID

from finmart.centres.business.cases import operations as cases_operations
from finmart.centres.business.cases.types import TimelineKind
from finmart.centres.business.servicing import policies
from finmart.centres.business.servicing.models import AfterLoanCheck
from finmart.centres.business.servicing.operations.loans import locked_loan
from finmart.centres.business.servicing.rules import LONGEST_FINDINGS
from finmart.centres.business.servicing.types import CheckConclusion, CheckView, ServicingAct
from finmart.centres.technical.audit import operations as audit_operations
from finmart.kit import clock, transactions
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied, Refusal


def record_after_loan_check(
    actor: Actor,
    loan_uuid: UUID,
    *,
    findings: str,
    conclusion: CheckConclusion = CheckConclusion.NORMAL,
    document_uuid: UUID | None = None,
) -> CheckView:
    """Keep what the lender found; the borrower sees neither it nor that it was made. Raises NotFound, AccessDenied."""
    transactions.require()
    loan = locked_loan(actor, loan_uuid)
    if not policies.can_check(actor, loan) or actor.person_id is None:
        raise AccessDenied("只有贷款机构人员可以登记贷后检查")
    text = findings.strip()
    if not 0 < len(text) <= LONGEST_FINDINGS:
        raise Refusal(f"请填写检查情况，不超过 {LONGEST_FINDINGS} 字", field="findings")
    row = AfterLoanCheck.objects.create(
        loan=loan, at=clock.now(), by_id=actor.person_id, conclusion=conclusion, findings=text,
        document_uuid=document_uuid,
    )  # fmt: skip
    audit_operations.record(actor, ServicingAct.CHECK_RECORD, f"loan:{loan.uuid}", conclusion=str(conclusion))
    cases_operations.note(
        actor, loan.case_uuid, TimelineKind.NOTE, f"贷后检查：{conclusion.label}", visible_to_id=loan.lender_id
    )
    return CheckView(row.uuid, row.at, actor.person_name, row.conclusion, text, document_uuid)
