"""The middle offices (中台): four wings, imports only point down."""
