"""Sessions for pages: a client signed in as an actor of the factories."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client


@pytest.fixture
def client_of(db):
    """Return a function: actor → a client signed in as that person; None → a visitor's client."""

    def signed_in(actor=None):
        client = Client()
        if actor is not None:
            person = get_user_model().objects.get(pk=actor.person_id)
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in
