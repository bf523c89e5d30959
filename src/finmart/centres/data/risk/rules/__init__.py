"""Contagion, circles of guarantees: pure functions, no Django, no clock."""
