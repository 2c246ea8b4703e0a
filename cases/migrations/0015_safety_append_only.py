"""Let the database refuse to change or delete what is evidence of danger, visits and disclosures."""

from django.db import migrations

TABLES = (
    "cases_dangerassessment",
    "cases_safetyplan",
    "cases_serviceplan",
    "cases_monitorentry",
    "cases_disclosure",
    "cases_rating",
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_safety_and_monitors")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION cases_refuse_change('sealed');",
            f"DROP TRIGGER {table}_append_only ON {table};",
        )
        for table in TABLES
    ]
