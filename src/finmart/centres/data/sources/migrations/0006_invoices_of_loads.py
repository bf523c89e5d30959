"""An import no longer looks up its own load once for every invoice it writes.

A statement names one load or few: they are looked up once a statement. Loads stay as a record: none can be deleted, so
no invoice can be left without its own.
"""

import django.db.models.deletion
from django.db import migrations, models

_HELD = """
CREATE FUNCTION sources_invoices_have_loads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT load_id FROM written) AS one
             WHERE NOT EXISTS (SELECT FROM sources_load WHERE id = one.load_id)) THEN
    RAISE EXCEPTION 'an invoice names a load that does not exist' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION sources_loads_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'loads stay as a record' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sources_invoice_inserted AFTER INSERT ON sources_invoice REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION sources_invoices_have_loads();
CREATE TRIGGER sources_invoice_moved BEFORE UPDATE ON sources_invoice FOR EACH ROW
WHEN (OLD.load_id IS DISTINCT FROM NEW.load_id) EXECUTE FUNCTION sources_loads_stay();
CREATE TRIGGER sources_load_stays BEFORE DELETE ON sources_load FOR EACH ROW EXECUTE FUNCTION sources_loads_stay();
CREATE TRIGGER sources_load_keeps_id BEFORE UPDATE ON sources_load FOR EACH ROW
WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION sources_loads_stay();
"""
_LOOSE = """
DROP TRIGGER sources_load_keeps_id ON sources_load; DROP TRIGGER sources_load_stays ON sources_load;
DROP TRIGGER sources_invoice_moved ON sources_invoice; DROP TRIGGER sources_invoice_inserted ON sources_invoice;
DROP FUNCTION sources_loads_stay; DROP FUNCTION sources_invoices_have_loads;
"""


class Migration(migrations.Migration):
    dependencies = [("sources", "0005_batches_judged")]
    operations = [
        migrations.AlterField(
            "invoice",
            "load",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sources.load",
            ),
        ),
        migrations.RunSQL(_HELD, _LOOSE),
    ]
