"""Make what a first visitor of the sample city can wait for, in a process beside the platform that serves it already.

Its other firms with invoices and facts, what its sources supply today, its scorecard trained, approved and used, its
cases, and a look for warnings as every night; pages say what is under way (:mod:`finmart.twin.preparing`).
Run as a module by ``finmart demo``. What was made before stays; started again, it goes on from there.
"""

import argparse
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import django

from finmart.config import supervision

if TYPE_CHECKING:
    from finmart.twin.material import Material

LONGEST_WAIT_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--firms", type=int, required=True)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    supervision.end_with_parent()
    django.setup(set_prefix=False)
    from finmart.centres.business.matching import operations as matching_operations  # noqa: PLC0415
    from finmart.centres.data.desensitised import operations as desensitised_operations  # noqa: PLC0415
    from finmart.centres.governance.warnings import operations as warnings_operations  # noqa: PLC0415
    from finmart.kit import transactions  # noqa: PLC0415
    from finmart.kit.actor import Actor  # noqa: PLC0415
    from finmart.twin import preparing, seeding  # noqa: PLC0415 - after the application is loaded
    from finmart.twin.material import material  # noqa: PLC0415

    sample = replace(material(), firms=chosen.firms, cases=chosen.cases)
    with preparing.making(preparing.FIRMS):
        seeding.fill(sample=sample)
        _supply(sample)
        seeding.resume_feeds()
    with preparing.making(preparing.SCORECARD):
        with transactions.opened():
            desensitised_operations.build(Actor.of_system("脱敏库构建"))  # by which scores are grouped
        seeding.seed_scorecard()
    with preparing.making(preparing.CASES):
        seeding.seed_cases(_paid, sample=sample)
        with transactions.opened():
            matching_operations.learn_chances(Actor.of_system("matching"))  # as every night
    with preparing.making(preparing.WARNINGS), transactions.opened():
        warnings_operations.scan(Actor.of_system("风险预警"))


def _supply(sample: "Material") -> None:
    """Put today's records of the sample's firms into the simulated sources, from where the feeds fetch them."""
    from django.conf import settings  # noqa: PLC0415 - after the application is loaded

    from finmart.kit import clock, transactions  # noqa: PLC0415
    from finmart.twin import seeding, supply  # noqa: PLC0415

    secret = settings.FINMART_SOURCES_SECRET or settings.SECRET_KEY
    with transactions.opened():
        supply.supply(seeding.SEEDER, settings.FINMART_SOURCES_URL, secret.encode(), sample, clock.today())


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
