"""Time can be told, and tells the same everywhere."""

from datetime import UTC, date, datetime, timedelta

from finmart.kit import clock


def test_a_moved_clock_runs_on_from_the_moment_given():
    moment = datetime(2020, 3, 2, 1, tzinfo=UTC)
    with clock.moved_to(moment):
        assert timedelta() <= clock.now() - moment < timedelta(seconds=5)
        assert clock.today() == date(2020, 3, 2)
        assert abs(clock.on_machine(clock.now()) - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().year > 2020


def test_the_day_is_the_day_of_the_city():
    with clock.moved_to(datetime(2020, 3, 1, 17, tzinfo=UTC)):
        assert clock.today() == date(2020, 3, 2)
