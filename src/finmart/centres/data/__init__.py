"""Data middle office: consents, sources, profiles, risk."""
