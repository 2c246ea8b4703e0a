"""Let the database refuse to change what was destroyed and by whose word; and let a disposal, which names itself by
weiquan.disposing = 'on', empty sealed words as the change of a key may exchange them. Nothing may be deleted."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION cases_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_ARGV[0] = 'sealed' AND (
        current_setting('weiquan.rotating', true) = 'on'%s
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
DISPOSING = " OR current_setting('weiquan.disposing', true) = 'on'"


class Migration(migrations.Migration):
    dependencies = [("cases", "0029_archive")]

    operations = [
        migrations.RunSQL(FUNCTION % DISPOSING, FUNCTION % ""),
        migrations.RunSQL(
            "CREATE TRIGGER cases_disposal_append_only BEFORE UPDATE OR DELETE ON cases_disposal "
            "FOR EACH ROW EXECUTE FUNCTION cases_refuse_change('plain');",
            "DROP TRIGGER cases_disposal_append_only ON cases_disposal;",
        ),
    ]
