"""The people of the sample city: the accounts of the demo and the staff of every institution."""

from dataclasses import dataclass

from finmart.centres.technical.parties import operations as parties_operations
from finmart.centres.technical.parties.types import MandateScope, OrganisationRef, PersonRef, Role
from finmart.kit.actor import Actor

DEMO_PASSWORD = "finmart-demo-2026"  # noqa: S105 - printed on the demo's sign-in page, exists nowhere else

FIRM = "firm"
OPERATOR = "operator"
REGULATOR = "regulator"


@dataclass(frozen=True, slots=True)
class Account:
    """One account. ``of`` is FIRM, OPERATOR, REGULATOR or the place of a bank in the sample's list (0, 1, …)."""

    username: str
    full_name: str
    of: str | int
    roles: tuple[Role, ...]


DEMO_ACCOUNTS = (
    Account("clerk", "沈经办", FIRM, (Role.ENTERPRISE_CLERK,)),
    Account("legal", "顾法人", FIRM, (Role.ENTERPRISE_LEGAL_PERSON,)),
    Account("manager1", "陆经理", 0, (Role.INSTITUTION_ACCOUNT_MANAGER,)),
    Account("manager2", "钱经理", 0, (Role.INSTITUTION_ACCOUNT_MANAGER,)),
    Account("approver", "周审批", 0, (Role.INSTITUTION_APPROVER,)),
    Account("operator", "吴运营", OPERATOR, (Role.OPERATOR,)),
    Account("riskowner", "韩风控", OPERATOR, (Role.OPERATOR,)),
    Account("admin", "蒋管理", OPERATOR, (Role.OPERATOR_ADMINISTRATOR,)),
    Account("regulator", "沈监管", REGULATOR, (Role.REGULATOR_FINANCIAL,)),
    Account("reviewer", "徐审查", 0, (Role.INSTITUTION_REVIEWER,)),
    Account("officer", "朱放款", 0, (Role.INSTITUTION_DISBURSEMENT_OFFICER,)),
    Account("bankadmin", "秦管理", 0, (Role.INSTITUTION_ADMINISTRATOR,)),
    Account("bmanager1", "孙经理", 1, (Role.INSTITUTION_ACCOUNT_MANAGER,)),
    Account("bmanager2", "马经理", 1, (Role.INSTITUTION_ACCOUNT_MANAGER,)),
    Account("breviewer", "胡审查", 1, (Role.INSTITUTION_REVIEWER,)),
    Account("bapprover", "朱审批", 1, (Role.INSTITUTION_APPROVER,)),
    Account("bofficer", "郭放款", 1, (Role.INSTITUTION_DISBURSEMENT_OFFICER,)),
)


def label_of(account: Account) -> str:
    """Return what a reader of the demo needs to know of an account: whose it is and what it may do."""
    places: dict[str | int, str] = {FIRM: "示例企业", OPERATOR: "平台", REGULATOR: "示例监管部门"}
    place = places.get(account.of) or f"示例银行{'甲乙丙丁'[int(account.of)]}"
    return f"{place} · {'、'.join(role.label for role in account.roles)}"


# Enough people for a committee of three; they have no password and act only in the seeding.
STAFF = (
    ("administrator", "管理员", Role.INSTITUTION_ADMINISTRATOR),
    ("manager_a", "客户经理甲", Role.INSTITUTION_ACCOUNT_MANAGER),
    ("manager_b", "客户经理乙", Role.INSTITUTION_ACCOUNT_MANAGER),
    ("reviewer", "审查员", Role.INSTITUTION_REVIEWER),
    ("approver_a", "审批人甲", Role.INSTITUTION_APPROVER),
    ("approver_b", "审批人乙", Role.INSTITUTION_APPROVER),
    ("approver_c", "审批人丙", Role.INSTITUTION_APPROVER),
    ("officer", "放款岗", Role.INSTITUTION_DISBURSEMENT_OFFICER),
)


def register_account(
    actor: Actor,
    organisation: OrganisationRef,
    username: str,
    full_name: str,
    roles: tuple[Role, ...],
    *,
    sign_in: bool,
) -> PersonRef:
    """Register a person with a place in an organisation; with the demo's password where ``sign_in``."""
    person = parties_operations.register_person(
        actor,
        username=username,
        full_name=full_name,
        password=DEMO_PASSWORD if sign_in else None,
        email=f"{username}@example.invalid",
        is_example=True,
    )
    parties_operations.add_member(actor, person_id=person.id, organisation_id=organisation.id, roles=list(roles))
    if Role.INSTITUTION_APPROVER in roles:  # who approves a loan also signs its contract for the institution
        parties_operations.grant_mandate(
            actor,
            person_id=person.id,
            organisation_id=organisation.id,
            scope=MandateScope.CONTRACT,
            valid_to=None,
        )
    return person


def acting(person: PersonRef, organisation: OrganisationRef, *roles: Role) -> Actor:
    """Return the actor of a person of the sample, as a request of theirs would have it."""
    return Actor(
        person_id=person.id,
        person_name=person.full_name,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
        roles=frozenset(str(role) for role in roles),
    )
