"""Telling people, noting what they read, sending it on."""

from finmart.centres.technical.notices.operations.reading import erase_of, mark_all_read, mark_read
from finmart.centres.technical.notices.operations.sending import MOST_ATTEMPTS, send_by_email
from finmart.centres.technical.notices.operations.telling import notify

__all__ = ["MOST_ATTEMPTS", "erase_of", "mark_all_read", "mark_read", "notify", "send_by_email"]
