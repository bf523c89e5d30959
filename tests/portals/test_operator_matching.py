"""The operator's page of how well and how fairly matching does, and the live figures of P5 and P6."""

import pytest

from factories import applications as applied
from factories import catalogue as factory
from factories import matching as match_factory
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import operations, queries
from finmart.centres.business.matching.types import ExposedRow
from finmart.config.figures import FIGURES
from finmart.kit.actor import Actor
from finmart.kit.errors import AccessDenied


@pytest.mark.clause("P5", "P6")
def test_the_figures_are_read_from_what_happened(client_of):
    bank, firm, operator = people.bank(), people.enterprise(), factory.operator_actor()
    assert FIGURES["P6"]() == "近一年 0 个符合的匹配中 0 个得到报价"
    version = applied.product_of(bank, criteria=())
    product = catalogue_queries.version(version)
    need = applied.need(firm)
    operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
    (application,) = applications_operations.apply(firm, need.uuid, [version])
    applied.offered(bank, application.uuid)
    found = queries.quality_for(operator)
    assert (found.precision.matches, found.precision.offers, found.precision.signed) == (1, 1, 0)
    assert found.exposed == (ExposedRow(product.institution.name, 1.0, None, is_below=False),)
    assert [gap.rows for gap in found.gaps] == [(), (), ()]
    assert FIGURES["P6"]() == "近一年 1 个符合的匹配中 1 个得到报价（100%）"
    assert FIGURES["P5"]() == "近一年没有可比的匹配，获批率尚不足以分组比较；申诉 0 件，采纳 0 件"
    for stranger in (bank, firm, match_factory.firm_actor({})):
        with pytest.raises(AccessDenied):
            queries.quality_for(stranger)
    shown = client_of(operator).get("/operator/matching/").content.decode()
    assert "匹配得到报价的比例" in shown
    assert "100.0%" in shown
    assert "没有同档" in shown


@pytest.mark.clause("P5")
def test_who_is_seen_too_little_among_equals_is_told_and_goes_first_the_next_day(client_of):
    firm, operator = people.enterprise(), factory.operator_actor()
    first, second = (applied.product_of(people.bank(), criteria=()) for _ in "ab")
    before = operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
    operations.learn_chances(Actor.of_system("matching"))
    found = queries.quality_for(operator)
    late = before.results[1].product
    assert {before.results[0].product.version_id, late.version_id} == {first, second}
    assert [row.name for row in found.exposed if row.is_below] == [late.institution.name]
    assert FIGURES["P5"]().startswith("2 家同等符合的机构曝光基尼系数 0.11，最少者为均等份额的 77%")
    assert "低于下限，优先展示" in client_of(operator).get("/operator/matching/").content.decode()
    again = operations.match(firm, applied.TERMS, organisation_id=firm.organisation_id)
    assert again.results[0].product.version_id == late.version_id
    assert queries.replay(firm, again.uuid).is_equal
