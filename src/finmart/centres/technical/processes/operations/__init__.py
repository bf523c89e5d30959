"""The verbs of processes. Each takes the actor first and needs the transaction its edge opens."""

from finmart.centres.technical.processes.operations.returning import return_to, withdraw
from finmart.centres.technical.processes.operations.seating import (
    add_signer,
    copy,
    delegate,
    recuse,
    recuse_everywhere,
    remove_signer,
    transfer,
    urge,
)
from finmart.centres.technical.processes.operations.services import bind
from finmart.centres.technical.processes.operations.steering import (
    assign_lane,
    deploy,
    pause,
    resume,
    set_variables,
    start,
    suspend,
    terminate,
    unpause,
)
from finmart.centres.technical.processes.operations.timers import due, fire
from finmart.centres.technical.processes.operations.working import claim, complete, decide, release
from finmart.centres.technical.processes.queries.bindings import bound

__all__ = [
    "add_signer",
    "assign_lane",
    "bind",
    "bound",
    "claim",
    "complete",
    "copy",
    "decide",
    "delegate",
    "deploy",
    "due",
    "fire",
    "pause",
    "recuse",
    "recuse_everywhere",
    "release",
    "remove_signer",
    "resume",
    "return_to",
    "set_variables",
    "start",
    "suspend",
    "terminate",
    "transfer",
    "unpause",
    "urge",
    "withdraw",
]
