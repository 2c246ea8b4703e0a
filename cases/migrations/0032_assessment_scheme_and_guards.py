"""The scheme as shipped; and let the database refuse to change what was scored, counted, done or published."""

from django.db import migrations

from cases.seeds import fill_assessment

APPEND_ONLY = ("cases_autofigure", "cases_indicatorscore", "cases_roundevent")
SCORED = ("cases_autofigure", "cases_indicatorscore")

FUNCTIONS = """
CREATE FUNCTION cases_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('weiquan.rotating', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published assessment does not change' USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION cases_refuse_late_score() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cases_assessmentround WHERE id = NEW.round_id AND status = 'PUBLISHED') THEN
        RAISE EXCEPTION 'a published assessment does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
DROP = "DROP FUNCTION cases_refuse_published(); DROP FUNCTION cases_refuse_late_score();"


def seed(apps, schema_editor):
    fill_assessment(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0031_assessment")]

    operations = [
        # Going back leaves the rows: dropping the tables in 0031 takes them along.
        migrations.RunPython(seed, migrations.RunPython.noop),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION cases_refuse_change('sealed');",
                f"DROP TRIGGER {table}_append_only ON {table};",
            )
            for table in APPEND_ONLY
        ),
        migrations.RunSQL(FUNCTIONS, DROP),
        migrations.RunSQL(
            "CREATE TRIGGER cases_assessmentround_published BEFORE UPDATE OR DELETE ON cases_assessmentround "
            "FOR EACH ROW WHEN (OLD.status = 'PUBLISHED') EXECUTE FUNCTION cases_refuse_published();",
            "DROP TRIGGER cases_assessmentround_published ON cases_assessmentround;",
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_in_time BEFORE INSERT ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION cases_refuse_late_score();",
                f"DROP TRIGGER {table}_in_time ON {table};",
            )
            for table in SCORED
        ),
    ]
