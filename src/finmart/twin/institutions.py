"""The institutions of the sample city, their staff and their products, listed by two persons as the rule asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from finmart.centres.business.catalogue import operations as catalogue_operations
from finmart.centres.business.catalogue.types import CollateralKind, CriterionTerms, FeeBasis, FeeTerms, ProductTerms
from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import OrganisationKind, OrganisationRef, PersonRef
from finmart.kit import clock
from finmart.kit.actor import Actor
from finmart.kit.finance import RepaymentMethod
from finmart.twin.codes import made_up_credit_code
from finmart.twin.material import Material
from finmart.twin.people import STAFF, acting, register_account

FIRST_SERIAL = 1


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution with its staff by account suffix (``manager_a``, ``approver_b`` …)."""

    organisation: OrganisationRef
    staff: dict[str, PersonRef]

    def actor(self, suffix: str) -> Actor:
        role = next(role for name, _, role in STAFF if name == suffix)
        return acting(self.staff[suffix], self.organisation, role)


def register_institutions(actor: Actor, material: Material, districts: list[str]) -> Iterator[Institution]:
    """Register banks, insurers and guarantors, in the sample's order, with a staff of eight each."""
    kinds = [
        *((OrganisationKind.BANK, name) for name in material.banks),
        *((OrganisationKind.INSURER, name) for name in material.insurers),
        *((OrganisationKind.GUARANTOR, name) for name in material.guarantors),
    ]
    for place, (kind, name) in enumerate(kinds):
        organisation = parties_operations.register_organisation(
            actor,
            kind=kind,
            name=name,
            credit_code=made_up_credit_code(FIRST_SERIAL + place),
            district=districts[place % len(districts)],
            is_example=True,
        )
        staff = {
            suffix: register_account(
                actor, organisation, f"sample_{place:02d}_{suffix}", f"{name[2:6]}{label}", (role,), sign_in=False
            )
            for suffix, label, role in STAFF
        }
        yield Institution(organisation, staff)


def list_products(banks: list[Institution], operator: Actor, material: Material) -> int:
    """Draft, submit and publish every bank's products; returns how many are open."""
    listed = 0
    for place, bank in enumerate(banks):
        for terms in _terms_of(bank, place, material):
            writer = bank.actor("administrator")
            drafted = catalogue_operations.draft_product(writer, terms)
            catalogue_operations.submit(writer, drafted.uuid)
            catalogue_operations.publish(operator, drafted.uuid)
            listed += 1
    return listed


def _terms_of(bank: Institution, place: int, material: Material) -> Iterator[ProductTerms]:
    draw = material.random_for(f"products:{place}")
    for row in material.products:
        spread = Decimal(draw.randrange(-8, 9) * 5) / 10_000
        yield ProductTerms(
            name=f"{bank.organisation.name[2:4]}{row['name']}",
            summary=row["summary"],
            rate_min=Decimal(row["rate_min"]) + spread,
            rate_max=Decimal(row["rate_max"]) + spread,
            limit_min_fen=row["limit_min"] * 100,
            limit_max_fen=row["limit_max"] * draw.choice((80, 100, 120)),
            months_min=row["months_min"],
            months_max=row["months_max"],
            methods=tuple(RepaymentMethod(method) for method in row["methods"]),
            promised_days=row["promised_days"] + draw.randrange(0, 4),
            valid_from=clock.today(),
            fees=_fees(draw.randrange(0, 3)),
            collateral=CollateralKind(row["collateral"]),
            joint_liability=row["joint_liability"],
            criteria=tuple(_criterion(words) for words in row["criteria"]),
        )


def _criterion(words: list[Any]) -> CriterionTerms:
    field, operator, operand, is_hard = words
    return CriterionTerms(field, operator, tuple(operand), is_hard)


def _fees(choice: int) -> tuple[FeeTerms, ...]:
    offered: tuple[tuple[FeeTerms, ...], ...] = (
        (),
        (FeeTerms("账户管理费", FeeBasis.FIXED_ONCE, amount_fen=50_000),),
        (FeeTerms("评估费", FeeBasis.AMOUNT_ONCE, rate=Decimal("0.001")),),
    )
    return offered[choice]
