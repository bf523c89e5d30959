"""Of what size, age, ownership and district firms are, so that gaps between groups can be told; no model reads it."""

from collections.abc import Sequence

from finmart.centres.data.desensitised import queries as desensitised_queries
from finmart.kit.actor import Actor

GROUPS = {"size": "size_class", "age": "age", "ownership": "ownership", "district": "district"}


def groups_of(actor: Actor, firms: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return organisation → size, age, ownership and district as labels, for firms in the desensitised store.

    Groups need no original: 缺失 where a fact is missing, 其他 where too few firms are alike. A firm that came after
    the latest building (nightly) is in no group until the next. Raises AccessDenied.
    """
    told = desensitised_queries.attributes_of(actor, firms)
    return {firm: {name: row[column] for name, column in GROUPS.items()} for firm, row in told.items()}
