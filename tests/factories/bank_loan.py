"""A loan with its cast: a firm's clerk and legal person, a bank's staff, a listed product."""

import os
import subprocess
import sys

from django.conf import settings

from factories import catalogue as catalogue_factory
from factories import parties as people
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import MandateScope, Role
from finmart.twin.loans import Cast, LoanStory
from finmart.twin.people import STAFF

SYSTEM = people.SYSTEM


def bank_staff(administrator):
    """Return the staff of a bank by name; its approvers may sign contracts."""
    bank = parties_queries.organisation(administrator.organisation_id)
    staff = {name: people.member(bank, role, full_name=label) for name, label, role in STAFF}
    for name in ("approver_a", "approver_b", "approver_c"):
        parties_operations.grant_mandate(
            SYSTEM, person_id=staff[name].person_id, organisation_id=bank.id, scope=MandateScope.CONTRACT, valid_to=None
        )
    return staff


def firm():
    """Return clerk and legal person of a new firm."""
    clerk = people.enterprise(Role.ENTERPRISE_CLERK)
    legal = people.member(
        parties_queries.organisation(clerk.organisation_id), Role.ENTERPRISE_LEGAL_PERSON, full_name="顾法人"
    )
    return clerk, legal


def drain():
    """Run the jobs that wait, in a real worker process, until none is left."""
    told = {
        "FINMART_BANK_CORE_URL": settings.FINMART_BANK_CORE_URL,
        "FINMART_BANK_CORE_SECRET": settings.FINMART_BANK_CORE_SECRET,
    }
    words = [sys.executable, "-m", "finmart.config.worker", "--until-idle"]
    subprocess.run(words, env={**os.environ, **told}, check=True, timeout=60)


def story(amount_fen=30_000_000, term_months=12, pay=drain, **terms) -> LoanStory:
    administrator = catalogue_factory.bank_actor()
    listed = catalogue_factory.listed(administrator, **terms)
    product = catalogue_queries.version(listed.version_id)
    clerk, legal = firm()
    return LoanStory(Cast(clerk, legal, bank_staff(administrator)), product, amount_fen, term_months, pay)
