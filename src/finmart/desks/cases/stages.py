"""The 步骤条 above a case: at most seven stages, told by the application's state, else by the case's own."""

from collections.abc import Sequence

from finmart.centres.business.applications.types import ApplicationState, ApplicationView
from finmart.centres.business.cases.types import CaseState, CaseView

STAGES = ("提交申请", "受理", "尽调审批", "确认报价", "签约", "放款", "还款结清")
PLAIN = ("立案", "办理", "办结", "归档")
_CURRENT = {
    ApplicationState.RETURNED: 0,
    ApplicationState.SUBMITTED: 1,
    ApplicationState.ACCEPTED: 2,
    ApplicationState.IN_REVIEW: 2,
    ApplicationState.OFFERED: 3,
    ApplicationState.OFFER_ACCEPTED: 4,
    ApplicationState.SIGNED: 5,
    ApplicationState.DISBURSED: 6,
    ApplicationState.SETTLED: 7,
    ApplicationState.CLOSED: 7,
    ApplicationState.DECLINED: 3,
}
_PLAIN_CURRENT = {CaseState.OPEN: 1, CaseState.CLOSED: 3, CaseState.ARCHIVED: 4}
FAILED = frozenset({ApplicationState.DECLINED, ApplicationState.REFUSED, ApplicationState.WITHDRAWN})
TONES = {
    ApplicationState.DECLINED: "grey",
    ApplicationState.REFUSED: "red",
    ApplicationState.RETURNED: "orange",
    ApplicationState.WITHDRAWN: "grey",
    ApplicationState.DISBURSED: "green",
    ApplicationState.SETTLED: "green",
    ApplicationState.CLOSED: "green",
}
CASE_TONES = {CaseState.OPEN: "blue", CaseState.CLOSED: "green", CaseState.ARCHIVED: "grey"}


def tone_of(state: ApplicationState) -> str:
    """Return the tone of the state's badge."""
    return TONES.get(state, "blue")


def stages_of(case: CaseView, application: ApplicationView | None) -> list[dict[str, str]]:
    """Return rows for the ``steps`` component: label, state (done, current, todo, failed) and a note."""
    if application is None:
        return _rows(PLAIN, _PLAIN_CURRENT[CaseState(case.ref.state)], is_failed=False, note=case.ref.state_label)
    return _rows(STAGES, _reached(application), is_failed=application.state in FAILED, note=application.state.label)


def _reached(application: ApplicationView) -> int:
    known = _CURRENT.get(application.state)
    if known is not None:
        return known
    return 4 if application.offers else 2  # refused or withdrawn: after an offer, or on the way to one


def _rows(labels: Sequence[str], current: int, *, is_failed: bool, note: str) -> list[dict[str, str]]:
    here = "failed" if is_failed else "current"
    return [
        {
            "label": label,
            "state": "done" if place < current else here if place == current else "todo",
            "note": note if place == current else "",
        }
        for place, label in enumerate(labels)
    ]
