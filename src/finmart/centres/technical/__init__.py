"""Technical middle office: audit, parameters, parties, documents, notices, processes."""
