"""Let the database refuse to change or delete what was issued, voided or delivered."""

from django.db import migrations

TABLES = ("cases_issueddocument", "cases_documentvoid", "cases_documentdelivery")


class Migration(migrations.Migration):
    dependencies = [("cases", "0025_issued_documents")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION cases_refuse_change('sealed');",
            f"DROP TRIGGER {table}_append_only ON {table};",
        )
        for table in TABLES
    ]
