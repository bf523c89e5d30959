from django.db import migrations

from finmart.kit.appendonly import allow_resealing
from finmart.kit.crypto.fields import EncryptedText
from finmart.kit.crypto.migrating import seal_existing

PAYMENT = ("disbursement_id", "amount_fen")


class Migration(migrations.Migration):
    dependencies = [("funds", "0002_reconciliation")]

    operations = [
        migrations.AlterField("collection", "payer_account", EncryptedText(bound_to=("uuid",), max_length=40)),
        migrations.AlterField("collection", "payer_name", EncryptedText(bound_to=("uuid",), max_length=200)),
        migrations.AlterField("payee", "account_number", EncryptedText(bound_to=PAYMENT, max_length=40)),
        migrations.AlterField("payee", "name", EncryptedText(bound_to=PAYMENT, max_length=200)),
        seal_existing("funds.Collection", "payer_name", "payer_account"),
        allow_resealing("funds_payee", "name", "account_number"),
        seal_existing("funds.Payee", "name", "account_number"),
    ]
