"""The governance wing: warnings and, later, supervision and evaluation. Sees all other wings; none sees it."""
