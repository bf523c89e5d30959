"""Processes of a bank whose people sign, made through operations."""

from uuid import uuid4

from factories import parties
from factories.process_models import Written
from finmart.centres.technical.parties.types import OrganisationKind, Role
from finmart.centres.technical.processes import operations
from finmart.centres.technical.processes.models import Instance, WorkItem
from finmart.centres.technical.processes.types import ItemState, LaneHolder
from finmart.kit.actor import Actor

SYSTEM = Actor.of_system("factory")
ROLE = Role.INSTITUTION_APPROVER


class Bank:
    """A bank with ``size`` approvers and a process of one lane, 银行, run by them."""

    def __init__(self, block, *, size=3, variables=None, extra=None, key="sample"):
        self.organisation = parties.organisation(OrganisationKind.BANK)
        self.people = [parties.member(self.organisation, ROLE, full_name=f"审批{n}") for n in range(size)]
        xml = block if isinstance(block, str) else Written(block, lane="银行", extra=extra).xml
        operations.deploy(SYSTEM, key, xml)
        self.case_uuid = uuid4()
        holder = LaneHolder(organisation_id=self.organisation.id, roles=(ROLE,))
        self.uuid = operations.start(
            self.people[0], key, case_uuid=self.case_uuid, variables=variables or {}, lanes={"银行": holder}
        )

    @property
    def instance(self):
        return Instance.objects.get(uuid=self.uuid)

    @property
    def open(self):
        return sorted(
            WorkItem.objects.filter(instance__uuid=self.uuid, state=ItemState.OPEN).values_list("step", flat=True)
        )

    def item(self, step):
        return WorkItem.objects.filter(instance__uuid=self.uuid, step=step).order_by("-id")[0]

    def at(self, step):
        return WorkItem.objects.get(instance__uuid=self.uuid, step=step, state=ItemState.OPEN).uuid

    def do(self, *steps, outcome="APPROVE", by=0, **values):
        for step in steps:
            result = operations.complete(self.people[by], self.at(step), outcome, values=values)
        return result

    def all_do(self, step, outcome="APPROVE"):
        for person in self.people:
            if step in self.open:
                operations.complete(person, self.at(step), outcome)
