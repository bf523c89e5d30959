"""One question per function: who may bring, read and change a document."""

from finmart.centres.technical.documents.models import Document
from finmart.kit.actor import Actor


def can_store(actor: Actor) -> bool:
    """Is the actor signed in, or a part of the system?"""
    return not actor.is_visitor


def can_change(actor: Actor, document: Document, keeper: str) -> bool:
    """May the actor add versions, grant and revoke?

    A document kept by a centre changes only through that centre, which has asked its own policy; any other
    one through its owner.
    """
    if document.keeper:
        return document.keeper == keeper
    return bool(actor.system) or owns(actor, document)


def owns(actor: Actor, document: Document) -> bool:
    """Does the document belong to the actor's organisation, or to the person?"""
    if document.owner_organisation_id is not None:
        return document.owner_organisation_id == actor.organisation_id
    return document.owner_person_id is not None and document.owner_person_id == actor.person_id
