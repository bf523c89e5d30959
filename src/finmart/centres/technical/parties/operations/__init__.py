"""Registering organisations and people; granting membership, mandates and deputies; the record of sessions."""

from finmart.centres.technical.parties.operations.conflicts import end_conflict, record_conflict
from finmart.centres.technical.parties.operations.contacts import change_contact
from finmart.centres.technical.parties.operations.correcting import correct_address, correct_contact
from finmart.centres.technical.parties.operations.finding import find_persons
from finmart.centres.technical.parties.operations.mandates import (
    appoint_deputy,
    end_deputy,
    grant_mandate,
    revoke_mandate,
)
from finmart.centres.technical.parties.operations.members import add_member, change_roles, end_membership
from finmart.centres.technical.parties.operations.registration import (
    change_password,
    register_borrower,
    register_organisation,
    register_person,
)
from finmart.centres.technical.parties.operations.sessions import (
    choose_organisation,
    enrol_second_factor,
    refuse_sign_in,
    remove_second_factor,
    sign_in,
    sign_out,
)

__all__ = [
    "add_member",
    "appoint_deputy",
    "change_contact",
    "change_password",
    "change_roles",
    "choose_organisation",
    "correct_address",
    "correct_contact",
    "end_conflict",
    "end_deputy",
    "end_membership",
    "enrol_second_factor",
    "find_persons",
    "grant_mandate",
    "record_conflict",
    "refuse_sign_in",
    "register_borrower",
    "register_organisation",
    "register_person",
    "remove_second_factor",
    "revoke_mandate",
    "sign_in",
    "sign_out",
]
