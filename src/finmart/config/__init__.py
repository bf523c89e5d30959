"""Composition only: settings, addresses, wiring, the command line."""
