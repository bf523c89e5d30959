"""Jobs of the platform itself."""

from datetime import timedelta

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Status

from finmart.kit import transactions

MOST_ATTEMPTS = 10


@app.periodic(cron="* * * * * */10")
@app.task(name="platform:reap", queueing_lock="platform:reap")
def reap(timestamp: int) -> int:  # noqa: ARG001 - the moment it was due, which periodic jobs are told
    """Give jobs of killed workers back to the queue; return how many.

    A worker is taken for dead when its heartbeat is older than ``FINMART_STALLED_SECONDS``. A job that was begun
    :data:`MOST_ATTEMPTS` times is given up as failed: it may be what kills the workers. Every job is idempotent,
    so one whose worker was merely slow does no harm.
    """
    silent_since = Now() - timedelta(seconds=settings.FINMART_STALLED_SECONDS)
    stalled = Q(worker=None) | Q(worker__last_heartbeat__lt=silent_since)
    with transactions.opened():
        rows = ProcrastinateJob.objects.select_for_update(of=("self",), skip_locked=True).filter(
            stalled, status="doing"
        )
        jobs = list(rows.values_list("pk", "attempts"))
        for job, attempts in jobs:
            if attempts >= MOST_ATTEMPTS:
                async_to_sync(app.job_manager.finish_job_by_id_async)(job, Status.FAILED, delete_job=False)
            else:
                app.job_manager.retry_job_by_id(job, timezone.now())
    return len(jobs)
