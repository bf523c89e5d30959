"""Business middle office: from catalogue and cases up to servicing and matching."""
