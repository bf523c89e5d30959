"""Rows as a test looks at them: the application's role sees none of a guarded table that nobody opened."""

from django.db.models import QuerySet

from finmart.kit import rowpolicies


class _Seen(QuerySet):
    """Opens every row while it reads and closes them after: what the test calls next sees no more than before."""

    def _fetch_all(self):
        with rowpolicies.upkeep():
            super()._fetch_all()

    def count(self):
        with rowpolicies.upkeep():
            return super().count()

    def exists(self):
        with rowpolicies.upkeep():
            return super().exists()

    def aggregate(self, *args, **kwargs):
        with rowpolicies.upkeep():
            return super().aggregate(*args, **kwargs)


def seen(model):
    """Return all rows of a guarded model, for a test to look at."""
    return _Seen(model)
