"""Feeds, the batches they brought and the records in them."""

from django.db import models
from django.db.models import F, Q

from finmart.centres.data.sources.types import BatchState, FeedKind, FeedState
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Feed(models.Model):
    """One source that is asked again and again; what is agreed with its supplier comes from the city's pack.

    ``columns`` holds what :class:`~finmart.centres.data.sources.types.Column` names. ``cursor`` is the supplier's word
    for how far we have come. While ``lease_until`` is ahead, the run that holds ``lease`` is the only one that may
    write; a killed run's lease runs out. ``not_before`` is when the supplier may be asked again. ``round`` counts how
    often the feed was begun from its beginning.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    supplier = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=FeedKind.choices())
    columns = models.JSONField()
    every_minutes = models.PositiveIntegerField()
    page_size = models.PositiveSmallIntegerField()
    pages_per_run = models.PositiveSmallIntegerField()
    most_unfinished = models.PositiveSmallIntegerField()
    stale_days = models.PositiveSmallIntegerField()
    answer_days = models.PositiveSmallIntegerField()
    duty = models.TextField()
    terms_source = models.CharField(max_length=300)
    is_example = models.BooleanField()
    position = models.PositiveSmallIntegerField()

    state = models.CharField(max_length=7, choices=FeedState.choices(), default=FeedState.ACTIVE)
    round = models.PositiveSmallIntegerField(default=1)
    state_reason = models.TextField(blank=True)
    cursor = models.CharField(max_length=200, blank=True)
    latest_attempt_at = models.DateTimeField(null=True)
    latest_success_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    latest_failure = models.TextField(blank=True)
    not_before = models.DateTimeField(null=True)
    is_asked_for = models.BooleanField(default=False)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    grades = graded(
        "数据源",
        {
            1: "code name supplier kind duty terms_source is_example position",
            2: (
                "uuid columns every_minutes page_size pages_per_run most_unfinished stale_days answer_days state "
                "state_reason cursor latest_attempt_at latest_success_at failures failing_since latest_failure "
                "not_before lease lease_until round is_asked_for"
            ),
        },
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None) | Q(failures__gt=0, failing_since__isnull=False),
                name="sources_feed_failing_since",
            ),
            models.CheckConstraint(
                condition=Q(page_size__gt=0, pages_per_run__gt=0, most_unfinished__gt=0, every_minutes__gt=0),
                name="sources_feed_terms_above_zero",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Batch(models.Model):
    """One delivery of a feed: ``announced`` records were promised, ``received`` are here.

    ``number`` is the supplier's; it comes once in a round, and may be tried again while it was refused (``attempts``).
    ``digest`` is what the supplier says the chain of its records' hashes ends with, ``chained`` how far our own chain
    has come. Of the received, ``unknown`` are of firms that are not registered here and ``unreadable`` lack a key, a
    firm or a day: they are counted, and not kept. ``unusable`` values of the kept ones are none of their column's kind
    and became no fact. ``next_page`` is where receiving goes on; ``cursor`` is the supplier's word for how far one has
    come with it. ``owner`` decides of a batch that is held; None leaves it to anybody of the operator.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="batches")
    round = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(max_length=80)
    state = models.CharField(max_length=9, choices=BatchState.choices(), default=BatchState.RECEIVING)
    supplied_on = models.DateField()
    announced = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    unreadable = models.PositiveIntegerField(default=0)
    unusable = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)
    chained = models.CharField(max_length=64, blank=True)
    next_page = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=1)
    cursor = models.CharField(max_length=200, default="", blank=True)
    message = models.TextField(blank=True)
    owner = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", null=True)
    begun_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    grades = graded(
        "来源批次",
        {
            2: (
                "uuid feed number state supplied_on announced received unknown unreadable digest chained next_page "
                "begun_at received_at settled_at round attempts cursor unusable owner"
            ),
            WORDS: "message",
        },
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "round", "number"], name="sources_batch_number_once"),
            models.UniqueConstraint(
                fields=["feed"], condition=Q(state=BatchState.RECEIVING), name="sources_batch_one_coming_in"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[BatchState.RECEIVING, BatchState.REFUSED]) | Q(received=F("announced")),
                name="sources_batch_whole_or_refused",
            ),
        ]
        indexes = [models.Index(fields=["feed", "-begun_at"], name="sources_batch_newest")]

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.number}"


class Record(models.Model):
    """One record of a firm as it came: ``content`` holds the columns by name, ``content_hash`` the SHA-256 of it all.

    ``key`` is the supplier's name for it. A correction names in ``replaces`` the key of the record it takes the place
    of; that one stays, with ``replaced_by`` set when the correction is loaded.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="records")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    credit_code = models.CharField(max_length=18)
    as_of_on = models.DateField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    replaces = models.CharField(max_length=80, blank=True)
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    grades = graded(
        "来源记录",
        {
            1: "credit_code",
            2: "uuid batch position key organisation as_of_on content_hash replaces replaced_by",
            4: "content",
        },
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="sources_record_place")]
        indexes = [models.Index(fields=["key"], name="sources_record_key")]

    def __str__(self) -> str:
        return self.key
