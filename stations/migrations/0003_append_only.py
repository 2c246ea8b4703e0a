"""Let the database refuse to change or delete what was done to an account."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION stations_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("stations", "0002_seed_departments_and_calendar")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION stations_refuse_change();"),
        migrations.RunSQL(
            "CREATE TRIGGER stations_staffevent_append_only BEFORE UPDATE OR DELETE ON stations_staffevent "
            "FOR EACH ROW EXECUTE FUNCTION stations_refuse_change();",
            "DROP TRIGGER stations_staffevent_append_only ON stations_staffevent;",
        ),
    ]
