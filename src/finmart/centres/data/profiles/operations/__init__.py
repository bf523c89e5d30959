"""Computing facts from invoices and recording facts from elsewhere (clause D3)."""

from finmart.centres.data.profiles.operations.asking import ask_to_compute
from finmart.centres.data.profiles.operations.computing import compute
from finmart.centres.data.profiles.operations.recording import record_fact, record_facts
from finmart.centres.data.profiles.operations.supplying import record_supplied

__all__ = ["ask_to_compute", "compute", "record_fact", "record_facts", "record_supplied"]
