"""Who plays in a tour: a small city with its accounts, and a firm out of a file where one is given."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace

from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.sources import operations as sources_operations
from finmart.centres.data.sources import queries as sources_queries
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import OrganisationRef, Role
from finmart.kit import transactions
from finmart.kit.errors import Refusal
from finmart.twin import firms, seeding
from finmart.twin.codes import made_up_credit_code
from finmart.twin.material import Material, material
from finmart.twin.people import register_account

BANKS = 3
INSURERS = 1
FIRMS = 40
STRANGER = "stranger"
NAMES = {STRANGER: "罗旁人", "sme_clerk": "苏经办", "sme_legal": "陶法人"}
SALES = "annual_sales_fen"
OnProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Firm:
    """The firm that borrows, with the accounts of its clerk and its legal person."""

    name: str
    credit_code: str
    clerk: str
    legal: str
    note: str = ""


def small_city() -> Material:
    """Return the sample city cut down to what one story needs."""
    whole = material()
    return replace(
        whole, firms=FIRMS, cases=0, banks=whole.banks[:BANKS], insurers=whole.insurers[:INSURERS], guarantors=()
    )


def sample_firm(on_progress: OnProgress) -> Firm:
    """Seed the small city and return the firm of the demo's accounts."""
    firm = _seeded(on_progress)
    return Firm(firm.name, firm.credit_code, "clerk", "legal")


def firm_of_files(enterprises: SourceFile, invoices: SourceFile, on_progress: OnProgress) -> Firm:
    """Seed the small city, load sme-2020 beside it and give one real firm of it accounts.

    It is the one rated A, never in default, with the highest sales of its latest twelve months; its name is masked
    in the files and its credit code is made up. Raises Refusal.
    """
    _seeded(on_progress)
    with transactions.opened():
        loaded = sources_operations.load_sme_2020(
            seeding.SEEDER, enterprises=enterprises, invoices=invoices, on_step=on_progress
        )
        on_progress("计算画像")
        profiles_operations.compute(seeding.SEEDER, loaded.organisation_ids)
        code, firm = _best(enterprises)
        for username, role in (("sme_clerk", Role.ENTERPRISE_CLERK), ("sme_legal", Role.ENTERPRISE_LEGAL_PERSON)):
            register_account(seeding.SEEDER, firm, username, NAMES[username], (role,), sign_in=True)
    note = f"sme-2020 的企业 {code}，统一社会信用代码 {firm.credit_code} 为虚构（校验位有效），账号为示例"
    return Firm(firm.name, firm.credit_code, "sme_clerk", "sme_legal", note)


def _seeded(on_progress: OnProgress) -> OrganisationRef:
    seeding.seed(lambda label, *_: on_progress(label), sample=small_city())
    with transactions.opened():
        own, other = (_firm(place) for place in range(2))
        register_account(seeding.SEEDER, other, STRANGER, NAMES[STRANGER], (Role.ENTERPRISE_CLERK,), sign_in=True)
        on_progress("计算画像")
        profiles_operations.compute(seeding.SEEDER, [own.id, other.id])
    return own


def _firm(place: int) -> OrganisationRef:
    found = parties_queries.organisation_by_credit_code(made_up_credit_code(firms.FIRST_SERIAL + place))
    if found is None:
        raise LookupError(f"the sample city has no firm {place}")
    return found


def _best(enterprises: SourceFile) -> tuple[str, OrganisationRef]:
    rows = csv.DictReader(io.StringIO(enterprises.content.decode("utf-8-sig")))
    good = {row["enterprise"] for row in rows if row["rating"] == "A" and row["defaulted"] == "否"}
    codes = {found: code for code in good if (found := sources_queries.known_firm(code))}
    sales = profiles_queries.fact_table([SALES], actor=seeding.SEEDER).drop_nulls(SALES)
    rows_of = [row for row in sales.iter_rows(named=True) if row["organisation_id"] in codes]
    if not rows_of:
        raise Refusal(
            "文件中没有评级为 A、未违约且有销项发票的企业", remedy=f"请核对文件（需要{FACT_TYPES[SALES].label}）"
        )
    best = max(rows_of, key=lambda row: (row[SALES], -row["organisation_id"]))["organisation_id"]
    return codes[best], parties_queries.organisation(best)
