"""Tell the cases of the sample city, in a process beside the platform that already serves it.

Before that its scorecard is trained, approved and used; after it its firms are looked at for warnings, as every night.
Run as a module by ``finmart demo``. What was told before stays;
started again, it goes on from there.
"""

import argparse
import os
import time
from dataclasses import replace

import django

from finmart.config import supervision

LONGEST_WAIT_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, required=True)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    supervision.end_with_parent()
    django.setup(set_prefix=False)
    from finmart.centres.governance.warnings import operations as warnings_operations  # noqa: PLC0415
    from finmart.kit import transactions  # noqa: PLC0415
    from finmart.kit.actor import Actor  # noqa: PLC0415
    from finmart.twin import seeding  # noqa: PLC0415 - after the application is loaded
    from finmart.twin.material import material  # noqa: PLC0415

    seeding.seed_scorecard()
    seeding.seed_cases(_paid, sample=replace(material(), cases=chosen.cases))
    with transactions.opened():
        warnings_operations.scan(Actor.of_system("风险预警"))


def _paid() -> None:
    """Wait until the platform's worker has carried out every payment asked for."""
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415 - after set-up

    waiting = ProcrastinateJob.objects.filter(task_name="funds:send_payment", status__in=["todo", "doing"])
    end = time.monotonic() + LONGEST_WAIT_SECONDS
    while waiting.exists():
        if time.monotonic() > end:
            raise TimeoutError("the bank core has not answered within two minutes")
        time.sleep(LOOK_AGAIN_SECONDS)


if __name__ == "__main__":
    main()
