"""Models and what they said. All tables only grow: a version, an opinion and a score stay as they were written."""

from django.db import models
from django.db.models import Q

from finmart.centres.data.risk.types import ModelKind
from finmart.kit.appendonly import AppendOnly
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class ModelVersion(AppendOnly):
    """One version of a model. ``content`` is the model file, ``sha256`` (hex) what it must sum to when it is used.

    ``training`` says on what it was fitted, ``measures`` how it did in the back-test. ``based_on`` is the version
    whose points people changed, ``note`` their reason.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=ModelKind.choices())
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    training = models.JSONField()
    measures = models.JSONField(null=True)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    note = models.TextField(blank=True)
    made_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    made_by_label = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    grades = graded(
        "模型版本",
        {
            2: "note uuid name number kind content sha256 training measures based_on made_by made_by_label made_at",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="risk_modelversion_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="risk_modelversion_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class TrainingSample(AppendOnly):
    """The rows a scorecard was trained and tested on, none saying whose it is: changes are measured on them."""

    version = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, related_name="sample")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    grades = graded("训练样本", {2: "version sha256", 4: "content"})

    def __str__(self) -> str:
        return f"rows of {self.version_id}"


class Opinion(AppendOnly):
    """One person's word on a version: approved, or rejected with a reason. Two approvals put it into force."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="opinions")
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    is_approval = models.BooleanField()
    reason = models.TextField(blank=True)
    given_at = models.DateTimeField()
    grades = graded("模型审批意见", {2: "version person is_approval given_at", WORDS: "reason"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="risk_opinion_once"),
            models.CheckConstraint(condition=Q(is_approval=True) | ~Q(reason=""), name="risk_opinion_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.person_id}"


class Score(AppendOnly):
    """What one version said of one firm: everything it read, what came out, and why.

    ``groups`` says of what size, age, ownership and district the firm was; no model reads it, gaps
    are told by it. ``disputed`` are the types of facts, made of the same invoices, that the firm disputed at the time.
    ``range_from``: it was made for an institution of invoices since that day only, its consent's range (clause F2).
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    inputs = models.JSONField()
    points = models.IntegerField()
    chance = models.DecimalField(max_digits=7, decimal_places=6)
    reasons = models.JSONField()
    groups = models.JSONField(default=dict)
    disputed = models.JSONField(default=list)
    range_from = models.DateField(null=True)
    as_of_on = models.DateField()
    scored_at = models.DateTimeField()
    grades = graded(
        "企业评分",
        {
            2: "uuid version organisation range_from as_of_on scored_at disputed",
            4: "inputs points chance reasons groups",
        },
    )

    class Meta:
        indexes = [models.Index(fields=["organisation", "-id"], name="risk_score_organisation")]
        constraints = [models.CheckConstraint(condition=Q(chance__gte=0, chance__lte=1), name="risk_score_chance")]

    def __str__(self) -> str:
        return f"score {self.uuid}"


class Outcome(AppendOnly):
    """What became of a firm's credit, to learn from: told by ``source``, known on a day, never a feature of a model.

    ``as_of_on`` is the day before which invoices may be looked at when a model is trained on it.
    """

    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    is_bad = models.BooleanField()
    as_of_on = models.DateField()
    known_on = models.DateField()
    source = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    grades = graded("信用结局", {2: "organisation as_of_on known_on source recorded_at", 4: "is_bad"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "as_of_on", "source"], name="risk_outcome_once"),
            models.CheckConstraint(condition=Q(known_on__gte=models.F("as_of_on")), name="risk_outcome_known_later"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.as_of_on}"


class ScoreReading(AppendOnly):
    """That an institution was shown a score: what it had seen is told to the firm where it refuses (clause D4)."""

    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_id = models.BigIntegerField()
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    read_at = models.DateTimeField()
    grades = graded("评分查看记录", {2: "score reader subject_id person read_at"})

    class Meta:
        indexes = [models.Index(fields=["reader", "subject_id", "-id"], name="risk_score_reading")]

    def __str__(self) -> str:
        return f"{self.reader_id} read {self.score_id}"


class DriftReading(AppendOnly):
    """How far the scores of a version had moved from its training on a day: one line a day, the history of the watch.

    ``index`` is the population stability index over the newest score of each firm, ``columns`` the same per column
    (code → index), ``is_beyond`` whether it was above the threshold of that day.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    checked_on = models.DateField()
    scores = models.PositiveIntegerField()
    index = models.DecimalField(max_digits=9, decimal_places=6)
    columns = models.JSONField(default=dict)
    threshold = models.DecimalField(max_digits=5, decimal_places=4)
    is_beyond = models.BooleanField()
    grades = graded("评分漂移记录", {2: "version checked_on scores index columns threshold is_beyond"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "checked_on"], name="risk_drift_once_a_day"),
            models.CheckConstraint(condition=Q(index__gte=0), name="risk_drift_index"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.checked_on}: {self.index}"
