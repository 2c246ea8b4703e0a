import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from stations.choices import AdminLevel, OrgKind, level_of
from stations.models import Staff
from stations.roles import (
    ADMIN_ROLES,
    DESCRIPTIONS,
    GRANTS,
    HOMES,
    PARTNER_ROLES,
    Permission,
    Role,
    granted,
    misplaced,
)

CASE = {permission for permission in Permission if permission.startswith("CASE_")}
REFERRAL = {permission for permission in Permission if permission.startswith("REFERRAL_")}
ASKED = {
    Permission.SUPERVISION_ANSWER,
    Permission.CONFERENCE_READ,
    Permission.CONFERENCE_PROPOSE,
    Permission.TASK_REPORT,
}


def test_every_role_has_grants_and_words():
    assert set(GRANTS) == set(DESCRIPTIONS) == set(Role)
    assert all(GRANTS.values())


def test_every_permission_is_granted_to_somebody():
    assert frozenset().union(*GRANTS.values()) == set(Permission)


@pytest.mark.parametrize("role", sorted(ADMIN_ROLES))
def test_administrators_never_touch_a_case(role):
    assert not GRANTS[role] & (CASE | REFERRAL)


def test_only_the_right_administrator_manages():
    holders = {
        permission: [role for role in Role if permission in GRANTS[role]]
        for permission in (Permission.STAFF_MANAGE, Permission.CODES_MANAGE, Permission.AUDIT_READ)
    }

    assert holders == {
        Permission.STAFF_MANAGE: [Role.SEC_ADMIN],
        Permission.CODES_MANAGE: [Role.SYS_ADMIN],
        Permission.AUDIT_READ: [Role.AUDIT_ADMIN],
    }


@pytest.mark.parametrize("role", sorted(PARTNER_ROLES))
def test_partners_have_what_they_were_asked_for_and_nothing_else(role):
    assert GRANTS[role] <= REFERRAL | ASKED
    assert HOMES[role] == {OrgKind.DEPARTMENT}


def test_only_the_leader_of_the_department_confirms():
    assert [role for role in Role if Permission.REFERRAL_CONFIRM in GRANTS[role]] == [Role.PARTNER_LEADER]


def test_case_work_grows_from_village_to_county():
    ladder = [
        Role.VILLAGE_LIAISON,
        Role.STATION_CLERK,
        Role.STATION_HEAD,
        Role.COUNTY_OFFICER,
        Role.COUNTY_LEADER,
    ]

    assert all(GRANTS[lower] < GRANTS[upper] for lower, upper in itertools.pairwise(ladder))
    assert GRANTS[Role.COUNTY_LEADER] - GRANTS[Role.COUNTY_OFFICER] == {
        Permission.CASE_CLOSE_RED,
        Permission.SUPERVISE_SIGN,
        Permission.CONFERENCE_DECIDE,
        Permission.CASE_UNSEAL,
        Permission.ASSESS_MANAGE,
        Permission.ARCHIVE_APPRAISE,
    }


def test_case_roles_have_no_home_in_a_department():
    # They see a whole region there.
    assert misplaced([Role.COUNTY_OFFICER, Role.STATION_CLERK], OrgKind.DEPARTMENT) == [
        Role.COUNTY_OFFICER,
        Role.STATION_CLERK,
    ]
    assert misplaced([Role.STATION_CLERK, Role.SEC_ADMIN], OrgKind.STATION) == []


def test_granted_is_the_union_and_forgets_old_codes():
    assert granted([Role.ARCHIVIST, Role.STAT_OFFICER, "ABOLISHED"]) == {
        Permission.CASE_READ,
        Permission.RULES_READ,
        Permission.CASE_FIGURES,
        Permission.ARCHIVE_FILE,
        Permission.ARCHIVE_APPRAISE,
    }


def test_may_ends_with_the_account():
    staff = Staff(roles=[Role.STATION_CLERK])
    assert staff.may(Permission.CASE_REGISTER)
    assert not staff.may(Permission.CASE_CLOSE)

    staff.is_active = False

    assert not staff.may(Permission.CASE_REGISTER)


@pytest.mark.parametrize("other", [Role.STATION_CLERK, Role.AUDIT_ADMIN])
def test_an_administrator_has_no_second_role(person, other):
    both = [Role.SEC_ADMIN, other]

    with pytest.raises(ValidationError, match="专人"):
        Staff(username="x", name="x", roles=both).clean()
    with pytest.raises(IntegrityError, match="staff_admin_role_stands_alone"), transaction.atomic():
        person("both", *both)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("410000000000", AdminLevel.PROVINCE),
        ("410400000000", AdminLevel.CITY),
        ("410423000000", AdminLevel.COUNTY),
        ("410423101000", AdminLevel.TOWNSHIP),
        ("441900003000", AdminLevel.TOWNSHIP),
        ("410423101201", AdminLevel.VILLAGE),
    ],
)
def test_level_is_read_off_the_code(code, level):
    assert level_of(code) is level


def test_levels_are_ordered_by_rank_not_by_letters():
    assert sorted(AdminLevel) == [
        AdminLevel.VILLAGE,
        AdminLevel.TOWNSHIP,
        AdminLevel.COUNTY,
        AdminLevel.CITY,
        AdminLevel.PROVINCE,
    ]
    assert AdminLevel.CITY > AdminLevel.COUNTY >= AdminLevel.COUNTY
    assert AdminLevel.COUNTY.above is AdminLevel.CITY
    assert AdminLevel.PROVINCE.above is None
