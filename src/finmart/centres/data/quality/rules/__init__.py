"""Rules as data: what a check says, and judging whole tables by it. Pure: no Django, no clock."""
