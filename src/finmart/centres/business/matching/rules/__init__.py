"""Matching without a database or a clock: what a product asks of a need, the score, the outcomes and their words."""
