"""The embedded PostgreSQL under ``$FINMART_HOME``, for machines without a database server."""
