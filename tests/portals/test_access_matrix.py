"""Every page × every kind of party: one table. A page that is not in it fails, so that a newcomer decides who may come.

Codes in the order of PARTIES. A page that answers GET is asked with GET. One that takes only POST is posted to without
content: ``ok`` then stands for whatever is said to who may come in (done, or what is missing), never a refusal.
Nothing that happens here is kept.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from factories import bank_loan as factory
from factories import disputes as disputes_factory
from factories import emergencies as emergencies_factory
from factories import funds as funds_factory
from factories import parties as people
from factories import quality as quality_factory
from factories import risk as risk_factory
from factories import supplying
from factories import warnings as raised_warnings
from factories.consents import consent
from finmart.centres.business.applications import queries as applications_queries
from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.business.funds import operations as funds_operations
from finmart.centres.business.funds import queries as funds_queries
from finmart.centres.business.instruments import queries as instruments_queries
from finmart.centres.business.matching import operations as matching_operations
from finmart.centres.business.servicing import queries as servicing_queries
from finmart.centres.data.consents import queries as consents_queries
from finmart.centres.data.consents.types import Mode
from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.risk import queries as risk_queries
from finmart.centres.governance.rights import operations as rights_operations
from finmart.centres.governance.rights.types import Outcome as RightsOutcome
from finmart.centres.governance.rights.types import RequestKind
from finmart.centres.governance.warnings import operations as warnings_operations
from finmart.centres.technical.notices import queries as notices_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import ConflictKind, MandateScope, OrganisationKind, Role
from finmart.centres.technical.processes import queries as processes_queries
from finmart.kit import clock, transactions
from finmart.twin.loans import Cast, LoanStory

PARTIES = (
    "visitor", "clerk", "legal", "rival", "manager", "approver", "keeper", "former", "other_bank", "guarantor",
    "operator", "chief", "regulator", "department",
)  # fmt: skip
POSTED = {
    "cases:add_note": {"note": "补充说明"},
    "cases:post_message": {"text": "您好"},
    "contracts:sign": {"has_read": "on"},
    "contracts:void": {"reason": "重新拟定"},
    "enterprise:need_withdraw": {"reason": "不再需要"},
    "institution:product_delist": {"reason": "停办"},
    "items:complete": {"outcome": "SIGN", "has_read": "on"},
    "operator:product_delist": {"reason": "停办"},
    "operator:product_send_back": {"reason": "请修改"},
    "operator:plan_revision_reject": {"opinion": "时限尚未商定"},
    "operator:right_decide": {"outcome": "GRANTED", "text": "同意"},
    "operator:right_review": {"result": "UPHELD", "text": "维持"},
    "rights:appeal": {"reason": "请再看"},
    "scorecards:bins": {"cuts": "1.5", "reason": "两段即可"},
    "scorecards:reason": {"told": "WORDS", "words": "销售忽高忽低", "reason": "说人话"},
    "scorecards:reject": {"reason": "样本太旧"},
}
WARNINGS = ("warning", "warning_take", "warning_act", "warning_lift", "warning_assign", "warning_upgrade")
REFUSED_CASE = ("request_review", "apply_again")
FEED = ("feed", "feed_pause", "feed_resume", "feed_fetch", "feed_anew", "feed_demand")
BATCH = ("batch", "batch_release", "batch_reject")
DEMAND = ("demand", "demand_urge", "demand_reply", "demand_close")
DISPUTE = ("dispute", "dispute_route", "dispute_uphold", "dispute_reject")
QUALITY = ("quality_rule", "quality_terms", "quality_measure")
EMERGENCIES = (
    "emergency", "emergency_plan", "emergency_plan_revise", "emergency_start", "emergency_record",
    "improvement_finish", "proposal_dismiss",
)  # fmt: skip
REVISION = ("plan_revision", "plan_revision_adopt", "plan_revision_reject", "plan_revision_withdraw")
TABLE = Path(__file__).with_name("access_matrix.txt")
REFUSED = {403, 404, 405}


def _settle(story):
    """Say for the bank core that it has paid."""
    (one,) = funds_queries.disbursements_for(story.cast.bank["officer"], story.case_uuid)
    answer = funds_factory.BankAnswer(succeeded=True, reference="SIM1")
    with transactions.opened():
        funds_operations.settle(funds_factory.BANK_CORE, f"disbursement:{one.ref.uuid}", answer)


def _played(until, firm=None):
    story = factory.story()
    if firm:
        story.cast = Cast(firm.cast.clerk, firm.cast.legal, story.cast.bank)
    story.pay = lambda: _settle(story)
    for name in story.steps():
        if name == until:
            return story
    raise AssertionError(until)


def _refused(like):
    """Return another loan of the same people, refused after due diligence."""
    story = LoanStory(like.cast, like.product, like.amount_fen, like.term_months, like.pay)
    for name in story.steps():
        if name == "accept":
            break
    manager = like.cast.bank["manager_a"]
    story.complete(manager, "due_diligence", "FAIL", findings="现金流不足", refusal_reason="CASH_FLOW")
    return story


def _governed(operator, clerk):
    """Return the words of the pages of a drill that the operator has begun, and of a firm's warnings."""
    by = emergencies_factory.Staff(operator, operator, emergencies_factory.regulator(), people.bank())
    words = {"uuid": emergencies_factory.started(by).uuid, "code": "default_cluster", "step": "list", "improvement": 1}
    firm = {"uuid": parties_queries.organisation(clerk.organisation_id).uuid}
    revision = {"uuid": emergencies_factory.revised(operator)}
    return {
        "institution:borrower_warnings": firm,
        **{f"operator:{name}": words for name in EMERGENCIES},
        **{f"operator:{name}": revision for name in REVISION},
    }


def _deputy(clerk, legal):
    now = clock.now()
    parties_operations.appoint_deputy(
        clerk, deputy_id=legal.person_id, valid_from=now, valid_to=now + timedelta(days=3)
    )  # fmt: skip
    (deputy,) = parties_queries.deputies_for(legal)
    return deputy


def _disputed(clerk, number):
    dispute, held = disputes_factory.dispute(clerk), disputes_factory.held_load(clerk)
    own = parties_queries.organisation(clerk.organisation_id).credit_code
    return {
        **{f"operator:{name}": {"uuid": dispute} for name in DISPUTE},
        **{f"operator:{name}": {"uuid": held} for name in ("held_load", "held_release", "held_refuse")},
        "operator:fact": {"firm": own, "code": disputes_factory.CODE},
        "enterprise:fact": {"code": disputes_factory.CODE},
        "enterprise:dispute_withdraw": {"uuid": dispute},
        "institution:fact": {"number": number, "code": disputes_factory.CODE},
    }


class World:
    """A case that waits for the bank's signature, a loan that runs, and one person of every kind."""

    def __init__(self):
        with transactions.opened():
            self.story = _played("sign_enterprise")
            self.lent = _played("check_use", firm=self.story)
            self.refused = _refused(self.story)
        with transactions.opened():
            self._people()
            self._things()

    def _people(self):
        cast = self.story.cast
        self.actors = {
            "visitor": None, "clerk": cast.clerk, "legal": cast.legal, "rival": people.enterprise(),
            "manager": cast.bank["manager_a"], "approver": cast.bank["approver_a"],
            "keeper": cast.bank["administrator"],
            "former": cast.bank["manager_b"], "other_bank": people.bank(), "guarantor": people.guarantor(),
            "operator": people.operator(), "regulator": emergencies_factory.regulator(),
            "department": people.member(people.organisation(OrganisationKind.DEPARTMENT), Role.DEPARTMENT_OFFICER),
        }  # fmt: skip
        self.actors["chief"] = people.colleague(self.actors["operator"], Role.OPERATOR_ADMINISTRATOR)
        left = next(
            row for row in parties_queries.members_for(cast.bank["administrator"])
            if row.person.id == cast.bank["manager_b"].person_id
        )  # fmt: skip
        parties_operations.end_membership(cast.bank["administrator"], left.membership_id)
        self.sessions = {party: self._session(actor) for party, actor in self.actors.items() if actor}

    def _session(self, actor):
        client = Client()
        person = get_user_model().objects.get(pk=actor.person_id)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client.cookies["sessionid"].value

    def _things(self):
        cast = self.story.cast
        clerk, legal = cast.clerk, cast.legal
        application = applications_queries.application_for(clerk, self.story.application.uuid)
        (contract,) = instruments_queries.contracts_of_case(legal, self.story.case_uuid)
        member = next(row for row in parties_queries.members_for(legal) if row.person.id == clerk.person_id)
        terms = NeedTerms(30_000_000, 12, LoanPurpose.WORKING_CAPITAL)
        parties_operations.grant_mandate(
            legal, person_id=clerk.person_id, organisation_id=clerk.organisation_id, scope=MandateScope.CONSENT,
            valid_to=None,
        )  # fmt: skip
        mandate = next(row for row in parties_queries.mandates_for(legal) if row.can_revoke)
        run = matching_operations.match(clerk, terms, organisation_id=clerk.organisation_id)
        conflict = parties_operations.record_conflict(
            people.SYSTEM, person_id=cast.bank["officer"].person_id, organisation_id=people.organisation().id,
            kind=ConflictKind.FAMILY,
        )  # fmt: skip
        deputy = _deputy(clerk, legal)
        (loan,) = servicing_queries.loans_for(clerk)
        (instance,) = processes_queries.instances_of(clerk, self.story.case_uuid)
        item = processes_queries.open_item_of(self.story.case_uuid, "sign_bank")
        product = self.story.product.product_uuid
        operator = self.actors["operator"]
        warning = raised_warnings.litigation(operator, clerk.organisation_id)
        warnings_operations.take(operator, warning)
        self.words = {
            "accounts": {
                "membership_id": member.membership_id, "mandate_id": mandate.id, "deputy_id": deputy.id,
                "conflict_id": conflict,
            },
            "cases": {"number": application.number, "uuid": instance.uuid, "step": "sign_bank"},
            "cases:unmask": {"uuid": parties_queries.own_contact(self.actors["manager"]).uuid},
            **{f"cases:{name}": {"number": self.refused.application.number} for name in REFUSED_CASE},
            "contracts": {"uuid": contract.ref.uuid},
            "documents": {"uuid": contract.ref.document_uuid, "number": 1},
            "notices": {"uuid": notices_queries.notices_for(clerk)[0].uuid},
            "operator": {"uuid": product, "key": "calendar.announced_through", "on": "2026-05-01"},
            **{f"operator:{name}": {"uuid": warning} for name in WARNINGS},
            **_governed(operator, clerk),
            **self._gathered(operator, clerk.organisation_id),
            **_disputed(clerk, application.number),
            "items": {"uuid": item, "act": "urge"},
            "enterprise": {"uuid": application.need_uuid},
            "enterprise:matched": {"uuid": run.uuid},
            "enterprise:consent_withdraw": {"uuid": consents_queries.consents_for(clerk)[0].uuid},
            "enterprise:loan": {"uuid": loan.ref.uuid},
            "institution": {"uuid": product, "number": application.number},
            **self._requests(legal),
            "products": {"uuid": product},
            **self._scorecards(),
            "visitor": {"uuid": product},
        }  # fmt: skip

    def _scorecards(self):
        self.model, self.waiting = risk_factory.version_in_force(), risk_factory.version(seed=8)
        self.model_column = risk_queries.card_for(self.actors["operator"], self.model.uuid).parts[0].code
        return {
            "scorecards": {"uuid": self.model.uuid, "code": self.model_column},
            "scorecards:approve": {"uuid": self.waiting.uuid},
            "scorecards:reject": {"uuid": self.waiting.uuid},
        }

    def _gathered(self, operator, firm):
        lapse = quality_factory.lapse(operator)
        batch = supplying.batch("court", supplying.record("court", parties_queries.organisation(firm).credit_code))
        demand = supplying.demand(operator)
        return {
            **{f"operator:{name}": {"code": quality_factory.CODE, "uuid": lapse} for name in QUALITY},
            **{f"operator:{name}": {"code": "court"} for name in FEED},
            **{f"operator:{name}": {"uuid": batch.uuid} for name in BATCH},
            **{f"operator:{name}": {"uuid": demand} for name in DEMAND},
            "operator:record": {"uuid": batch.records.get().uuid},
        }

    def _requests(self, legal):
        """Make a request at each stage, answered ones by a colleague of the operator.

        The clerk holds a mandate for consents and so speaks for the firm too, but not for the legal person.
        """
        other = people.colleague(self.actors["operator"])
        waiting = rights_operations.request(legal, RequestKind.ACCESS, for_firm=True)
        accepted = rights_operations.request(legal, RequestKind.EXPORT, for_firm=True)
        asked, fetched, reviewed = (
            rights_operations.request(legal, kind, for_firm=False)
            for kind in (RequestKind.ACCESS, RequestKind.EXPORT, RequestKind.DELETION)
        )
        for uuid in (accepted, asked, fetched, reviewed):
            rights_operations.accept(other, uuid)
        rights_operations.answer(other, asked, RightsOutcome.PARTLY, text="部分涉及他人", ground="OTHERS")
        rights_operations.answer(other, fetched, RightsOutcome.GRANTED, text="")
        rights_operations.answer(other, reviewed, RightsOutcome.REFUSED, text="保存期未满", ground="RETENTION")
        rights_operations.appeal(legal, reviewed, "请再看")
        return {
            "institution:copy": {"uuid": self._copy(legal)}, "operator:purpose_renew": {"purpose": "WARNING"},
            "rights": {"uuid": waiting}, "rights:appeal": {"uuid": asked}, "rights:archive": {"uuid": fetched},
            **{f"operator:{name}": {"uuid": waiting} for name in ("right", "right_accept")},
            "operator:right_decide": {"uuid": accepted}, "operator:right_review": {"uuid": reviewed},
        }  # fmt: skip

    def _copy(self, legal):
        consent(legal, self.actors["manager"], "employees", mode=Mode.STORE)
        return profiles_operations.keep_copy(self.actors["manager"], legal.organisation_id, "LOAN_REVIEW")

    def address(self, name, wanted):
        known = self.words.get(name.split(":")[0], {}) | self.words.get(name, {})
        return reverse(name, kwargs={word: known[word] for word in wanted})

    def answer(self, party, name, address, method):
        """Return the status of one request; what it changed is taken back."""
        client = Client(raise_request_exception=False)
        if party in self.sessions:
            client.cookies["sessionid"] = self.sessions[party]
        with transaction.atomic():
            reply = getattr(client, method)(address, POSTED.get(name))
            found = reply.status_code
            reply.close()  # a file that is sent stays open else
            transaction.set_rollback(True)
        return found


def _pages(resolver=None, space=""):
    """Return every URL name with the words its address takes."""
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from _pages(entry, f"{entry.namespace}:" if entry.namespace else space)
        else:
            yield f"{space}{entry.name}", tuple(entry.pattern.converters)


def _table():
    """Return name → (method, code by party)."""
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {name: (method, dict(zip(PARTIES, codes, strict=False))) for name, method, *codes in rows}


@pytest.fixture(scope="module")
def world(module_database):
    return World()


def test_every_row_has_a_code_for_every_party_and_stands_once():
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    assert [row[0] for row in rows if len(row) != len(PARTIES) + 2] == []
    assert len({row[0] for row in rows}) == len(rows)


def test_every_page_is_in_the_table_and_the_table_has_no_other():
    assert sorted(_table()) == sorted(name for name, _ in _pages())


@pytest.mark.clause("F3")
@pytest.mark.parametrize("name", sorted(_table()))
def test_everybody_gets_the_answer_that_is_theirs(world, name):
    method, codes = _table()[name]
    address = world.address(name, dict(_pages())[name])
    found = {party: world.answer(party, name, address, method) for party in PARTIES}
    shown = {party: _shown(code, codes[party]) for party, code in found.items()}
    assert shown == codes


def _shown(code, wanted):
    """Write a code as the table has it: ``ok`` is anything said to who was let in."""
    return "ok" if wanted == "ok" and code not in REFUSED and code < 500 else str(code)
