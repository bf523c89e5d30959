"""Contagion, circles of guarantees, scorecards and how well they tell: pure functions, no Django, no clock."""
