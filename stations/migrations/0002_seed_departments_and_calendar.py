from django.db import migrations
from django.utils import timezone

from stations.seeds import seed_calendar, seed_department_kinds


def seed(apps, schema_editor):
    model = lambda name: apps.get_model("stations", name)
    seed_department_kinds(model("DepartmentKind"))
    seed_calendar(
        model("Holiday"), model("CalendarYear"), model("CalendarVersion"), at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [("stations", "0001_initial")]

    # Going back leaves the rows: dropping the tables in 0001 takes them along.
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
