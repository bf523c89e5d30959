"""Notices to people, and what became of them outside the platform."""

from django.db import models
from django.db.models import Q

from finmart.centres.technical.notices.types import Channel, DeliveryState
from finmart.kit.grades import WORDS, graded
from finmart.kit.ids import new_uuid


class Notice(models.Model):
    """What one person was told. ``key``, where given, names the occasion: nobody is told of it twice."""

    uuid = models.UUIDField(default=new_uuid, unique=True, editable=False)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    template = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=2000)
    link = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    grades = graded("通知", {2: "uuid person template link key created_at read_at", WORDS: "title body"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], condition=~Q(key=""), name="notices_notice_once"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="notices_notice_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notices_notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """One notice on its way through one channel."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices())
    state = models.CharField(max_length=8, choices=DeliveryState.choices(), default=DeliveryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    grades = graded("通知送达", {2: "notice channel state attempts sent_at", WORDS: "reason"})

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT) ^ Q(sent_at=None), name="notices_delivery_sent_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.channel} {self.state}"
