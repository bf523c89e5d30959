"""What a database administrator changes behind the application's back is noticed and refused."""

import pytest

from factories import parties
from factories import risk as made
from finmart.centres.data.risk import operations, queries
from finmart.centres.data.risk.types import UnableToUseModel
from finmart.kit import transactions


@pytest.mark.clause("D4")
def test_a_tampered_model_file_is_refused_in_words(committed_database, owner_database):
    with transactions.opened():
        version = made.version_in_force()
        waiting = made.version(seed=8)
        reader = parties.operator()
    owner_database.execute("ALTER TABLE risk_modelversion DISABLE TRIGGER ALL")
    owner_database.execute("UPDATE risk_modelversion SET content = set_byte(content, 10, 49)")
    with transactions.opened(), pytest.raises(UnableToUseModel, match="可能被篡改，已拒绝使用"):
        operations.score(parties.SYSTEM, [1])
    with transactions.opened(), pytest.raises(UnableToUseModel, match="SHA-256"):
        operations.approve(reader, waiting.uuid)
    with pytest.raises(UnableToUseModel, match="SHA-256"):
        queries.card_for(reader, version.uuid)
