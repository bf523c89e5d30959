"""The real folder: its known faults are found and treated rightly."""

import io

import polars as pl
import pytest

from finmart.centres.data.profiles import operations as profiles_operations
from finmart.centres.data.profiles.types import FACT_TYPES
from finmart.centres.data.sources import operations, queries
from finmart.centres.data.sources.models import Invoice, KnownFirm
from finmart.centres.data.sources.types import SourceFile
from finmart.centres.technical.parties import queries as parties_queries
from finmart.kit import rowpolicies
from finmart.kit.actor import Actor
from seen import seen

SYSTEM = Actor.of_system("test")


def _load(folder, *, firms=None):
    invoices = (folder / "sme-2020/invoices.parquet").read_bytes()
    if firms:
        part = io.BytesIO()
        pl.read_parquet(io.BytesIO(invoices)).filter(pl.col("enterprise").is_in(firms)).write_parquet(part)
        invoices = part.getvalue()
    return operations.load_sme_2020(
        SYSTEM,
        enterprises=SourceFile("enterprises.csv", (folder / "sme-2020/enterprises.csv").read_bytes()),
        invoices=SourceFile("invoices.parquet", invoices),
    )


@pytest.mark.clause("D1", "D3")
@pytest.mark.slow
@pytest.mark.django_db
def test_the_whole_folder_twice(shared_folder):
    first = _load(shared_folder)
    report = first.report
    assert (first.firms, report.rows, report.duplicates, report.rejected) == (425, 1_099_441, 11_665, 0)
    assert (report.void, report.cleaned, report.negative, report.negative_void) == (63_605, 95, 19_764, 346)
    assert report.not_adding_up == 5
    assert first.invoices == 1_099_441 - 11_665 == seen(Invoice).count()
    assert profiles_operations.compute(SYSTEM, first.organisation_ids) == 425 * sum(
        kind.is_computed for kind in FACT_TYPES.values()
    )
    assert _load(shared_folder).invoices == 0
    assert profiles_operations.compute(SYSTEM, first.organisation_ids) == 0
    assert seen(Invoice).count() == first.invoices
    assert KnownFirm.objects.exclude(rating="").count() == 123
    assert sum(queries.outcome_labels().values()) == 27


@pytest.mark.django_db
def test_firms_get_made_up_codes_and_say_so(shared_folder):
    result = _load(shared_folder, firms=["E5", "E42"])
    assert (result.state, result.firms) == ("LOADED", 425)
    firm = parties_queries.organisation(queries.known_firm("E42"))
    assert firm.is_example
    assert firm.credit_code.startswith("91992020")
    assert firm.name.endswith("（E42）")
    with rowpolicies.upkeep():
        assert queries.invoice_frame([firm.id]).height > 0
