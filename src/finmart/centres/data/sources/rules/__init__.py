"""From bytes to clean rows: reading files, naming columns, judging rows. Pure: no Django, no clock."""
