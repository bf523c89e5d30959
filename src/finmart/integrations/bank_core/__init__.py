"""The core system of a bank, which moves the money. Not ours: spoken to over HTTP, simulated over HTTP."""
