"""What codes are called on the page of a firm."""

from finmart.centres.technical.parameters import queries as parameters_queries


def cluster_names() -> dict[str, str]:
    """Return the name of each industry cluster by its code."""
    return {one.code: one.name for one in parameters_queries.clusters()}


def district_name(code: str) -> str:
    """Return the name of a district, empty where none is given."""
    return next((one.name for one in parameters_queries.districts() if one.code == code), "") if code else ""
