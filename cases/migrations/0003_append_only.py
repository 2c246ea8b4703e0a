"""Let the database refuse to change or delete what is evidence.

The re-sealing of ciphertext under a new key is the one change allowed: it runs with weiquan.rotating = 'on'.
"""

from django.db import migrations

TABLES = ("cases_event", "cases_access", "cases_chainanchor")
SEALED_TABLES = ("cases_eventnote", "cases_accessreason", "cases_handlingrecord", "cases_statement", "cases_followup")

FUNCTIONS = """
CREATE FUNCTION cases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_ARGV[0] = 'sealed' AND current_setting('weiquan.rotating', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


def triggers():
    for table in TABLES + SEALED_TABLES:
        kind = "sealed" if table in SEALED_TABLES else "plain"
        yield migrations.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION cases_refuse_change('{kind}');",
            f"DROP TRIGGER {table}_append_only ON {table};",
        )


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_codes_and_rules")]

    operations = [migrations.RunSQL(FUNCTIONS, "DROP FUNCTION cases_refuse_change();"), *triggers()]
