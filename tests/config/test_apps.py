"""What a process of ours does once, when everything is loaded."""

import gc

from finmart.config.apps import COLLECT_AFTER


def test_what_is_loaded_is_left_alone_by_the_collector():
    assert gc.get_freeze_count() > 50_000
    assert gc.get_threshold()[0] == COLLECT_AFTER
