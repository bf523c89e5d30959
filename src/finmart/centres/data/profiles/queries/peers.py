"""Where a firm stands among firms of its kind: counts only, and none of a group that is too small."""

from collections.abc import Sequence

from django.db import connection

from finmart.centres.data.profiles.types import FACT_TYPES, PeerGroup, PeerRank
from finmart.kit import rowpolicies

FEWEST = 5  # a default of ours: of fewer firms nothing is told
_KINDS = ("industry_section", "size_class")
# The own firm is not its own peer; an equal counts half.
_RANKS = """
WITH latest AS MATERIALIZED (
  SELECT DISTINCT ON (fact_type, organisation_id) fact_type, organisation_id, number, content #>> '{}' AS word
  FROM profiles_fact WHERE fact_type = ANY(%(codes)s) ORDER BY fact_type, organisation_id, as_of_on DESC
), kind AS (
  SELECT organisation_id, max(word) FILTER (WHERE fact_type = 'industry_section') AS section,
         max(word) FILTER (WHERE fact_type = 'size_class') AS size FROM latest GROUP BY 1
), pair AS (
  SELECT mine.fact_type, coalesce(own.section = kind.section, false) AS same_section,
         coalesce(own.section = kind.section AND own.size = kind.size, false) AS same_kind,
         CASE WHEN peer.number < mine.number THEN 1.0 WHEN peer.number = mine.number THEN 0.5 ELSE 0 END AS below
  FROM latest AS mine JOIN kind AS own USING (organisation_id)
  JOIN latest AS peer ON peer.fact_type = mine.fact_type AND peer.organisation_id <> mine.organisation_id
  JOIN kind ON kind.organisation_id = peer.organisation_id
  WHERE mine.organisation_id = %(firm)s AND mine.number IS NOT NULL AND peer.number IS NOT NULL
)
SELECT fact_type, count(*) FILTER (WHERE same_kind), sum(below) FILTER (WHERE same_kind),
       count(*) FILTER (WHERE same_section), sum(below) FILTER (WHERE same_section), count(*), sum(below)
FROM pair GROUP BY fact_type
"""


def ranks_of(organisation_id: int, codes: Sequence[str]) -> dict[str, PeerRank]:
    """Return for each number known of a firm which share of its peers is below it.

    Peers are firms of the same industry and size, where these are fewer than FEWEST those of the same industry, else
    all; of fewer than FEWEST in all nothing is told. ``codes`` must be what the reader may see of the firm: of the
    others only counts are read, so nobody's consent is needed.
    """
    with rowpolicies.upkeep(), connection.cursor() as cursor:
        cursor.execute(_RANKS, {"codes": [*codes, *_KINDS], "firm": organisation_id})
        rows = cursor.fetchall()
    found = {}
    for code, *counts in rows:
        for group, count, below in zip(PeerGroup, counts[::2], counts[1::2], strict=True):
            if count >= FEWEST:
                found[code] = PeerRank(FACT_TYPES[code].label, float(below) / count, int(count), group)
                break
    return found
