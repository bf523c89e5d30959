"""Telling the operator's people what happened to a feed."""

from finmart.centres.data.sources.models import Feed
from finmart.centres.technical.notices import operations as notices_operations
from finmart.centres.technical.parties import queries as parties_queries
from finmart.centres.technical.parties.types import Members, OrganisationKind, Role
from finmart.kit.actor import Actor


def tell_operators(
    actor: Actor, feed: Feed, title: str, text: str, *, key: str, owner_id: int | None = None, link: str = ""
) -> None:  # fmt: skip
    """Tell the operator's people once for each ``key``, or (``owner_id``) the one person who answers for it.

    ``link`` is the page it is about, the feed's own where none is given.
    """
    operators = [] if owner_id else parties_queries.organisations_of_kind(OrganisationKind.OPERATOR)
    notices_operations.notify(
        actor, template="general", values={"title": title, "text": text}, person_ids=[owner_id] if owner_id else [],
        members=[Members(one.id, (Role.OPERATOR, Role.OPERATOR_ADMINISTRATOR)) for one in operators],
        link=link or f"/operator/feeds/{feed.code}/", key=f"sources:{key}",
    )  # fmt: skip
