"""Plans in versions, emergencies and drills with what was done, who was called, and what was learnt."""

from django.db import models
from django.db.models import F, Q

from finmart.centres.governance.emergencies.types import Answer, EmergencyState, Level, ProposalState, RevisionState
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid

PERSON, ORGANISATION = "parties.Person", "parties.Organisation"


class Revision(models.Model):
    """New words for a plan. They come into force when somebody else than their author adopts them."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    code = models.CharField(max_length=40)
    base_version = models.PositiveSmallIntegerField()
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    valid_from = models.DateField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=9, choices=RevisionState.choices(), default=RevisionState.WAITING)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)  # none: the city's pack
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    opinion = models.CharField(max_length=300, blank=True)
    grades = graded(
        "应急预案修订",
        {
            1: "code base_version body valid_from", 2: "uuid sha256 state made_at made_by decided_at decided_by",
            WORDS: "reason opinion",
        },
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(state=RevisionState.WAITING), name="emergencies_one_revision_waits"
            ),
            models.CheckConstraint(
                condition=~Q(state=RevisionState.ADOPTED)
                | Q(decided_by__isnull=False) & (Q(made_by=None) | ~Q(made_by=F("decided_by"))),
                name="emergencies_revision_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"


class PlanVersion(AppendOnly):
    """A plan as adopted; the highest version whose day has come is in force, a running emergency keeps its own."""

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    adopted_at = models.DateTimeField()
    valid_from = models.DateField(null=True)  # none: from the day it was adopted
    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="+", null=True)
    grades = graded("应急预案", {1: "code version body valid_from", 2: "sha256 adopted_at revision"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="emergencies_plan_version")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Proposal(models.Model):
    """What a rule saw; one at a time stands open for a plan and subject."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    plan_code = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    level = models.CharField(max_length=3, choices=Level.choices())
    evidence = models.CharField(max_length=300)
    state = models.CharField(max_length=9, choices=ProposalState.choices(), default=ProposalState.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=300, blank=True)
    grades = graded(
        "应急启动建议",
        {2: "uuid plan_code state made_at decided_at decided_by", 4: "subject level", WORDS: "evidence reason"},
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan_code", "subject"], condition=Q(state=ProposalState.OPEN), name="emergencies_one_proposal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_code} {self.subject}"


class Emergency(models.Model):
    """A run of a plan, real or drilled; which of the two never changes."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    number = models.CharField(max_length=40, unique=True)
    case_uuid = models.UUIDField(unique=True)
    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=3, choices=Level.choices())
    is_drill = models.BooleanField()
    title = models.CharField(max_length=80)
    summary = models.CharField(max_length=1000)
    commander = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+")
    regulator = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+", null=True)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=11, choices=EmergencyState.choices(), default=EmergencyState.RUNNING)
    outcome = models.CharField(max_length=1000, blank=True)
    cause = models.CharField(max_length=1000, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    report_uuid = models.UUIDField(null=True)
    grades = graded(
        "应急处置",
        {
            2: "uuid number case_uuid plan is_drill commander regulator proposal state started_at started_by closed_at"
            " report_uuid",
            3: "level",
            WORDS: "title summary outcome cause",
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=EmergencyState.RUNNING, closed_at=None)
                | ~Q(state=EmergencyState.RUNNING) & Q(closed_at__isnull=False),
                name="emergencies_closed_at_a_moment",
            )
        ]
        indexes = [models.Index(fields=["is_drill", "-started_at"], name="emergencies_newest")]

    def __str__(self) -> str:
        return self.number


class StepDone(AppendOnly):
    """A step of the plan that was done."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="steps_done")
    step = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=500)
    grades = graded("应急处置步骤", {2: "emergency step at by", WORDS: "text"})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["emergency", "step"], name="emergencies_step_once")]

    def __str__(self) -> str:
        return f"{self.emergency_id} {self.step}"


class Call(models.Model):
    """An institution that was asked to act; it sees the case of the call, never that of the emergency."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="calls")
    organisation = models.ForeignKey(ORGANISATION, on_delete=models.PROTECT, related_name="+")
    case_uuid = models.UUIDField(unique=True)
    text = models.CharField(max_length=1000)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.CharField(max_length=7, choices=Answer.choices(), default=Answer.WAITING)
    answer_text = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    grades = graded(
        "应急协同", {2: "emergency organisation case_uuid made_at due_at answer answered_at", WORDS: "text answer_text"}
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["emergency", "organisation"], name="emergencies_call_once")]

    def __str__(self) -> str:
        return f"{self.emergency_id} {self.organisation_id}"


class Improvement(models.Model):
    """A lesson, and what became of it."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="improvements")
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    done_text = models.CharField(max_length=300, blank=True)
    done_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", null=True)
    grades = graded("应急改进事项", {2: "emergency due_on done_on done_by", WORDS: "text done_text"})

    def __str__(self) -> str:
        return f"{self.emergency_id} {self.due_on}"
