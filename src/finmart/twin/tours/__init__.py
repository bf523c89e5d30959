"""Tours: a whole story played over HTTP, every person with a browser of their own, every answer checked.

Nothing here knows the platform from inside: only its pages, as people see them, and its tables, read back at the end.
"""
