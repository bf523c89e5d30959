"""Departments and local platforms that supply data. Not ours: asked over HTTP, simulated over HTTP."""
