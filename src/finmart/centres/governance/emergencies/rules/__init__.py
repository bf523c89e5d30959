"""Reading plans, and when to propose one: pure, no Django, no clock."""
