"""What somebody declares after a case was registered keeps her away from it by the next morning.

Source: 信访工作条例 (2022) 第28条第3款.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import connection

from cases.actions.guarding.bars import FOUND, bar_person
from cases.actions.guarding.conflicts import WITHOUT_INTEREST
from cases.choices import BarKind
from cases.models import Case
from cases.workflow import StepNotAllowed
from stations.models import Staff

# Kept away already, or let back by somebody who knew of the declaration.
_SETTLED = """
    SELECT 1 FROM cases_bar bar
    WHERE bar.case_id = party.case_id AND bar.staff_id = tie.staff_id
        AND (bar.lifted_at IS NULL OR bar.lifted_at >= tie.at)
"""
_FOUND = f"""
    WITH declared AS (
        SELECT tie.staff_id, tie.at, person.id AS person_id
        FROM stations_tie tie JOIN cases_person person ON person.id_number_index = tie.id_number_index
        UNION ALL
        SELECT tie.staff_id, tie.at, phone.person_id
        FROM stations_tie tie JOIN cases_phone phone ON phone.number_index = tie.phone_index
    )
    SELECT DISTINCT party.case_id, tie.staff_id
    FROM declared tie
        JOIN stations_staff staff ON staff.id = tie.staff_id AND staff.is_active
        JOIN cases_party party ON party.person_id = tie.person_id AND party.role <> ALL(%(without)s)
    WHERE NOT EXISTS ({_SETTLED})
    ORDER BY 1, 2
"""  # noqa: S608 – our own text


def bar_declared(at: datetime) -> int:
    """Keep everybody away from the cases whose parties she has declared since, those that have ended too: where a
    relative lives now stands in them as well. Returns how many bars that made.

    One question for all declarations, however many. Where nobody else could decide, or somebody is at work on the case
    just now, the next night asks again.
    """
    barred = 0
    for case, person in _found():
        with suppress(StepNotAllowed):
            bar_person(case, person, kind=BarKind.RELATED, reason=FOUND, by=None, at=at)
            barred += 1
    return barred


def _found() -> list[tuple[Case, Staff]]:
    with connection.cursor() as cursor:
        told: dict[str, Any] = {
            "without": [role.value for role in WITHOUT_INTEREST],
        }
        cursor.execute(_FOUND, told)
        pairs = cursor.fetchall()
    cases = Case.objects.in_bulk({case for case, _ in pairs})
    people = Staff.objects.in_bulk({person for _, person in pairs})
    return [(cases[case], people[person]) for case, person in pairs]
