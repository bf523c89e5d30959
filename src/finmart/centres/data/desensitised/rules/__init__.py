"""Coarsening and generalising: pure, over columns."""
