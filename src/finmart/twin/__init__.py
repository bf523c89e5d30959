"""A simulated city: a deterministic sample of it through the operations, and tours that play whole stories over HTTP.

Everything made here is marked as an example. Nothing outside the demo and the tours uses it.
"""
