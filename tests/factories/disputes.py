"""Disputes of facts and held files, through operations."""

from uuid import UUID

from factories import profiles
from factories.sources import invoice_file, sale
from finmart.centres.data.profiles import operations
from finmart.centres.data.sources import operations as sources_operations
from finmart.kit.actor import Actor

CODE = "registered_capital_fen"


def dispute(firm: Actor, value: int = 30_000_000) -> UUID:
    """Return the open dispute of a firm's registered capital, which a register has told."""
    profiles.facts(firm.organisation_id, **{CODE: value})
    return operations.raise_dispute(firm, CODE, "执照上注册资本为五百万元")


def held_load(firm: Actor) -> UUID:
    """Return a load of a firm's invoices that is held: two of its three rows cannot be read."""
    file = invoice_file(sale(), sale(开票日期="改天"), sale(开票日期="2099-01-01"))
    return sources_operations.load_invoices(Actor.of_system("factory"), file, organisation_id=firm.organisation_id).uuid
