"""Facts out of invoices, and the reading and writing of values. Pure: no Django, no clock."""
