"""Run as the owner of the tables, in a process of its own: migrate, then grant."""

import gc
import os

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from finmart.config import places
from finmart.kit import transactions
from finmart.kit.actor import Actor

RARELY = (200_000, 20, 100)  # models are rendered anew by the thousand: looking for garbage took a fifth of the time
LOCK = 0x66696E6D617274  # "finmart"


def grant_to_application() -> None:
    """Grant the application role what it needs and nothing more: append-only tables are insert and read only.

    Their sealed columns may be written as well, to be sealed anew; a trigger refuses all but that.
    """
    from finmart.kit.appendonly import AppendOnly  # noqa: PLC0415 - a model, loaded after the registry
    from finmart.kit.crypto import EncryptedText  # noqa: PLC0415 - beside it

    role = places.DatabaseAddress.parse(places.database_url()).user
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == role:
            return  # one role for everything: the triggers alone keep append-only tables
        quoted = connection.ops.quote_name(role)
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {quoted}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
            f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {quoted}",
        ):
            cursor.execute(statement)
        for model in apps.get_models():
            if issubclass(model, AppendOnly):
                table = model._meta.db_table  # noqa: SLF001 - Django's own
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}")
                sealed = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedText)]  # noqa: SLF001
                if sealed:
                    cursor.execute(f"GRANT UPDATE ({', '.join(sealed)}) ON {table} TO {quoted}")


def register_keys() -> None:
    """Note the keys of the file; refuse a file that is not the one this database was written with."""
    from finmart.centres.technical.keys import operations  # noqa: PLC0415 - needs loaded models

    with transactions.opened():
        operations.register(Actor.of_system("migration"))


def load_city() -> None:
    """Load the pack of ``$FINMART_CITY``; nothing happens where it is unchanged."""
    from finmart.centres.data.quality import operations as quality_operations  # noqa: PLC0415 - needs loaded models
    from finmart.centres.data.sources import operations as sources_operations  # noqa: PLC0415
    from finmart.centres.governance.emergencies import operations as emergencies_operations  # noqa: PLC0415
    from finmart.centres.technical.parameters import operations  # noqa: PLC0415

    city, actor = os.environ.get("FINMART_CITY", "suzhou"), Actor.of_system("migration")
    with transactions.opened():
        operations.load_pack(actor, city)
        sources_operations.describe_feeds(actor, city)
        quality_operations.load_rules(actor, city)
        emergencies_operations.adopt_plans(actor, city)


def deploy_journeys() -> None:
    """Bring in the process models of this version."""
    from finmart.config import deployment  # noqa: PLC0415 - needs loaded models

    deployment.deploy()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
    django.setup()
    gc.set_threshold(*RARELY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # two commands may start at once; it ends with us
    call_command("migrate", verbosity=0, interactive=False)
    grant_to_application()
    register_keys()
    load_city()
    deploy_journeys()


if __name__ == "__main__":
    main()
