"""The operator's page of how well and how fairly matching does, and the live figures of P5 and P6."""

import pytest

from factories import applications as applied
from factories import catalogue as factory
from factories import matching as match_factory
from factories import parties as people
from finmart.centres.business.applications import operations as applications_operations
from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching import operations, queries
from finmart.config.figures import FIGURES
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
    assert found.exposed == ((product.institution.name, 1.0),)
    assert [gap.rows for gap in found.gaps] == [(), (), ()]
    assert FIGURES["P6"]() == "近一年 1 个符合的匹配中 1 个得到报价（100%）"
    assert FIGURES["P5"]() == "1 家同等符合的机构曝光基尼系数 0.00，获批率尚不足以分组比较；申诉 0 件，采纳 0 件"
    for stranger in (bank, firm, match_factory.firm_actor({})):
        with pytest.raises(AccessDenied):
            queries.quality_for(stranger)
    shown = client_of(operator).get("/operator/matching/").content.decode()
    assert "匹配得到报价的比例" in shown
    assert "100.0%" in shown
