"""What a consent to conclusions only (只得到结论) lets an institution know: does the firm meet the criteria?"""

from finmart.centres.business.catalogue import queries as catalogue_queries
from finmart.centres.business.matching.types import Conclusion
from finmart.centres.data.profiles import queries as profiles_queries
from finmart.kit.actor import Actor
from finmart.kit.criteria import State

_LABELS = {State.MET: "符合", State.NOT_MET: "不符合", State.UNKNOWN: "缺数据或未授权"}


def conclusions_for(actor: Actor, *, organisation_id: int, version_id: int, purpose: str) -> list[Conclusion]:
    """Return for each published criterion of a product version whether the firm meets it, and no value (clause F2).

    Read under the firm's consent, of whatever mode; leaves a ledger line. Raises ConsentRequired, NotFound.
    """
    product = catalogue_queries.version(version_id)
    states = profiles_queries.answers_for(
        actor, organisation_id, purpose, [view.criterion for view in product.criteria], catalogue_queries.fields()
    )
    return [
        Conclusion(view.text, str(state.name), _LABELS[state], is_hard=view.criterion.is_hard)
        for view, state in zip(product.criteria, states, strict=True)
    ]
