"""Definitions, running instances, what waits for people, and what happened."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from finmart.centres.technical.processes.types import (
    DeadlineKind,
    DeadlineState,
    EventKind,
    InstanceState,
    ItemState,
    SeatState,
)
from finmart.integrations.bpmn.model import SignOffKind
from finmart.integrations.bpmn.state import FORMAT
from finmart.kit.appendonly import AppendOnly
from finmart.kit.crypto import EncryptedJSON
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

_OPEN = Q(state=ItemState.OPEN)


class Definition(AppendOnly):
    """One immutable version of a process model with its decision tables."""

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    clause = models.CharField(max_length=20, blank=True)
    xml = models.TextField()
    decisions = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    deployed_at = models.DateTimeField()
    deployed_by = models.CharField(max_length=200)
    grades = graded("流程模型", {1: "key version name clause xml decisions sha256 deployed_at", 2: "deployed_by"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="processes_definition_version")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Instance(models.Model):
    """A process of one case. ``tokens`` is the engine's state, ``revision`` grows by one with every act.

    ``lanes`` maps a lane's name to organisation_id, person_id and roles. ``owed_by`` is the lane that owes something
    by decision of a person (items flagged as owing come on top). ``variables`` hold what people
    filled in, account numbers too.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="+")
    process_key = models.CharField(max_length=80)
    case_uuid = models.UUIDField()
    state = models.CharField(max_length=12, choices=InstanceState.choices())
    tokens = models.JSONField()
    format = models.PositiveSmallIntegerField(default=FORMAT)
    variables = EncryptedJSON(default=dict)
    lanes = models.JSONField(default=dict)
    owed_by = models.CharField(max_length=80, blank=True)
    revision = models.PositiveIntegerField(default=0)
    started_by = models.BigIntegerField(null=True)
    started_by_organisation = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    grades = graded(
        "流程实例",
        {
            2: (
                "uuid definition process_key case_uuid state tokens format lanes owed_by revision started_by "
                "started_by_organisation started_at ended_at"
            ),
            WORDS: "variables",
        },
    )

    class Meta:
        indexes = [
            models.Index(fields=["case_uuid"], name="processes_instance_case"),
            models.Index(fields=["started_by", "-id"], name="processes_instance_starter"),
        ]

    def __str__(self) -> str:
        return f"{self.process_key} {self.uuid}"


class WorkItem(models.Model):
    """A step that waits, or waited, for people. ``seats`` must sign; ``taken`` of them belong to somebody.

    ``activation`` is the engine's number of this visit. ``barred`` are persons who may not work on it (four eyes).
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="items")
    activation = models.PositiveIntegerField()
    step = models.CharField(max_length=80)
    lane = models.CharField(max_length=80, blank=True)
    organisation_id = models.BigIntegerField(null=True)
    lane_person_id = models.BigIntegerField(null=True)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    barred = ArrayField(models.BigIntegerField(), default=list)
    owing = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ItemState.choices(), default=ItemState.OPEN)
    sign_off = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in SignOffKind])
    seats = models.PositiveSmallIntegerField(default=1)
    taken = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)
    grades = graded(
        "办理事项",
        {
            2: (
                "uuid instance activation step lane organisation_id lane_person_id roles barred owing state "
                "sign_off seats taken outcome opened_at closed_at urged_at"
            ),
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "activation"], condition=_OPEN, name="processes_item_once"),
        ]
        indexes = [
            models.Index(fields=["organisation_id", "id"], condition=_OPEN, name="processes_item_open"),
            models.Index(fields=["lane_person_id", "id"], condition=_OPEN, name="processes_item_open_person"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.uuid}"


class SignOff(models.Model):
    """A taken seat: named by the model, claimed, or added. ``signed_by`` differs from ``person_id`` for a deputy."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="sign_offs")
    position = models.PositiveSmallIntegerField()
    person_id = models.BigIntegerField()
    state = models.CharField(max_length=9, choices=SeatState.choices(), default=SeatState.OPEN)
    is_named = models.BooleanField(default=False)
    delegate_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    opinion = models.TextField(blank=True)
    signed_by = models.BigIntegerField(null=True)
    signed_at = models.DateTimeField(null=True)
    grades = graded(
        "签批",
        {
            2: "item position person_id state is_named delegate_id outcome signed_by signed_at",
            WORDS: "opinion",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "person_id"],
                condition=Q(state__in=[SeatState.OPEN, SeatState.WAITING, SeatState.SIGNED]),
                name="processes_signoff_one_seat",
            ),
        ]
        indexes = [
            models.Index(fields=["person_id"], condition=Q(state=SeatState.OPEN), name="processes_signoff_open"),
            models.Index(fields=["delegate_id"], condition=Q(state=SeatState.OPEN), name="processes_signoff_delegate"),
            models.Index(
                fields=["signed_by", "-signed_at"], condition=Q(state=SeatState.SIGNED), name="processes_signoff_done"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.position} {self.state}"

    @property
    def is_new(self) -> bool:
        """Is the row still to be written?"""
        return self._state.adding


class Deadline(models.Model):
    """A running clock: of a step, of a timer event that waits, or of a timer at the edge of a step or sub-process.

    ``remaining`` (in ``unit``) is kept while paused; ``due_at`` is None then.
    """

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="deadlines")
    item = models.OneToOneField(WorkItem, on_delete=models.PROTECT, related_name="deadline", null=True)
    activation = models.PositiveIntegerField()
    element = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=DeadlineKind.choices())
    state = models.CharField(max_length=7, choices=DeadlineState.choices(), default=DeadlineState.RUNNING)
    amount = models.FloatField(default=0)
    unit = models.CharField(max_length=13)
    pausable = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    on_timeout = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    remaining = models.FloatField(null=True)
    grades = graded(
        "时限",
        {
            2: (
                "instance item activation element kind state amount unit pausable source on_timeout started_at "
                "due_at paused_at remaining"
            ),
        },
    )

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=DeadlineState.RUNNING), name="processes_deadline_due"),
            models.Index(
                fields=["instance", "activation"],
                condition=Q(state__in=[DeadlineState.RUNNING, DeadlineState.PAUSED, DeadlineState.MISSED]),
                name="processes_deadline_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.element} {self.state}"


class ProcessEvent(AppendOnly):
    """One act: the event log that supervision reads. ``content`` holds before and after."""

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="+")
    case_uuid = models.UUIDField()
    at = models.DateTimeField()
    act = models.CharField(max_length=17, choices=EventKind.choices())
    step = models.CharField(max_length=80, blank=True)
    activation = models.PositiveIntegerField(default=0)
    lane = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey(
        "parties.Person", on_delete=models.DO_NOTHING, related_name="+", null=True, db_constraint=False, db_index=False
    )
    organisation_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    opinion = models.TextField(blank=True)
    content = models.JSONField(default=dict)
    grades = graded(
        "流程事件",
        {
            2: "instance case_uuid at act step activation lane person organisation_id actor_label",
            WORDS: "opinion content",
        },
    )

    class Meta:
        indexes = [models.Index(fields=["case_uuid", "id"], name="processes_event_case")]

    def __str__(self) -> str:
        return f"{self.at} {self.act} {self.step}"


class Copy(models.Model):
    """Somebody was sent an item to know, not to act on."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    sent_by = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()
    grades = graded("抄送", {2: "item person_id sent_by sent_at"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person_id"], name="processes_copy_once")]
        indexes = [models.Index(fields=["person_id", "-id"], name="processes_copy_person")]

    def __str__(self) -> str:
        return f"{self.item_id} → {self.person_id}"
