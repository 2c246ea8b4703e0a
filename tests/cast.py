"""The people every test knows: two stations of one county, the village below, the federations above, the departments beside."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.test import Client

from cases.actions.clocks import forget_rules
from cases.models import AssessmentScheme, ClockRule, CodeItem, RightLimit
from cases.models.code import forget_codes
from cases.outlets import forget_outlets
from cases.seeds import fill_assessment, fill_rights, fill_rules, read_codes
from stations.actions.locks import forget_idle_locks
from stations.choices import OrgKind, level_of
from stations.models import (
    CalendarVersion,
    CalendarYear,
    ChecklistItem,
    DepartmentKind,
    Holiday,
    Organisation,
    Region,
    Staff,
)
from stations.roles import Role
from stations.seeds import seed_calendar, seed_checklist, seed_department_kinds

CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=CHINA)

REGIONS = {
    "410000000000": "河南省",
    "410400000000": "平顶山市",
    "410423000000": "鲁山县",
    "410423101000": "下汤镇",
    "410423101202": "乱石盘村",
    "410423102000": "梁洼镇",
    "410421000000": "宝丰县",
    "410421103000": "石桥镇",
}


@dataclass
class Cast:
    """Everybody by the name of her part; nobody is away, nobody has a deputy, nobody wants mail."""

    city: Organisation
    county: Organisation
    station: Organisation
    other_station: Organisation
    village: Organisation
    other_county: Organisation
    far_station: Organisation
    police: Organisation
    court: Organisation
    civil: Organisation
    justice: Organisation

    clerk: Staff
    clerk2: Staff
    head: Staff
    other_clerk: Staff
    other_head: Staff
    village_liaison: Staff
    officer: Staff
    leader: Staff
    city_officer: Staff
    city_leader: Staff
    other_officer: Staff
    far_clerk: Staff
    liaison: Staff
    handler: Staff
    partner_leader: Staff
    civil_liaison: Staff
    volunteer: Staff
    archivist: Staff
    stat_officer: Staff
    conference: Staff
    sys_admin: Staff
    sec_admin: Staff
    audit_admin: Staff
    legal_officer: Staff


ORGANISATIONS = {
    "city": ("平顶山市妇女联合会", "平妇访", OrgKind.FEDERATION, "410400000000", ""),
    "county": ("鲁山县妇女联合会", "鲁妇访", OrgKind.FEDERATION, "410423000000", ""),
    "station": ("下汤镇妇女儿童维权站", "下妇访", OrgKind.STATION, "410423101000", ""),
    "other_station": ("梁洼镇妇女儿童维权站", "梁妇访", OrgKind.STATION, "410423102000", ""),
    "village": ("乱石盘村维权工作点", "乱妇访", OrgKind.VILLAGE_POINT, "410423101202", ""),
    "other_county": ("宝丰县妇女联合会", "宝妇访", OrgKind.FEDERATION, "410421000000", ""),
    "far_station": ("石桥镇妇女儿童维权站", "石妇访", OrgKind.STATION, "410421103000", ""),
    "police": ("鲁山县公安局", "", OrgKind.DEPARTMENT, "410423000000", "POLICE"),
    "court": ("鲁山县人民法院", "", OrgKind.DEPARTMENT, "410423000000", "COURT"),
    "civil": ("鲁山县民政局", "", OrgKind.DEPARTMENT, "410423000000", "CIVIL_AFFAIRS"),
    "justice": ("鲁山县司法局", "", OrgKind.DEPARTMENT, "410423000000", "JUSTICE"),
}

PEOPLE = {
    "clerk": ("单秀英", "station", Role.STATION_CLERK),
    "clerk2": ("郭小满", "station", Role.STATION_CLERK),
    "head": ("仇站长", "station", Role.STATION_HEAD),
    "other_clerk": ("田梁洼", "other_station", Role.STATION_CLERK),
    "other_head": ("解站长", "other_station", Role.STATION_HEAD),
    "village_liaison": ("石大娟", "village", Role.VILLAGE_LIAISON),
    "officer": ("曾权益", "county", Role.COUNTY_OFFICER),
    "leader": ("翟主席", "county", Role.COUNTY_LEADER),
    "city_officer": ("卜市权", "city", Role.COUNTY_OFFICER),
    "city_leader": ("尉主席", "city", Role.COUNTY_LEADER),
    "other_officer": ("包宝丰", "other_county", Role.COUNTY_OFFICER),
    "far_clerk": ("钱石桥", "far_station", Role.STATION_CLERK),
    "liaison": ("孙联络", "police", Role.PARTNER_LIAISON),
    "handler": ("周民警", "police", Role.PARTNER_HANDLER),
    "partner_leader": ("吴局长", "police", Role.PARTNER_LEADER),
    "civil_liaison": ("郑民政", "civil", Role.PARTNER_LIAISON),
    "volunteer": ("冯律师", "station", Role.VOLUNTEER),
    "archivist": ("褚档案", "county", Role.ARCHIVIST),
    "stat_officer": ("卫统计", "county", Role.STAT_OFFICER),
    "conference": ("蒋联席", "county", Role.CONFERENCE_OFFICE),
    "sys_admin": ("沈系统", "city", Role.SYS_ADMIN),
    "sec_admin": ("韩安全", "city", Role.SEC_ADMIN),
    "audit_admin": ("杨审计", "city", Role.AUDIT_ADMIN),
    "legal_officer": ("郑法制", "city", Role.LEGAL_OFFICER),
}


def seed() -> None:
    """What the migrations put in, again: a test with real transactions leaves every table empty behind it."""
    if not CalendarYear.objects.exists():
        seed_calendar(Holiday, CalendarYear, CalendarVersion, at=datetime(2026, 1, 1, tzinfo=UTC))
    if not DepartmentKind.objects.exists():
        seed_department_kinds(DepartmentKind)
    if not ChecklistItem.objects.exists():
        seed_checklist(ChecklistItem)
    if not CodeItem.objects.exists():
        CodeItem.objects.bulk_create(CodeItem(**row) for row in read_codes())
    if not ClockRule.objects.exists():
        fill_rules(lambda name: apps.get_model("cases", name))
    if not RightLimit.objects.exists():
        fill_rights(lambda name: apps.get_model("cases", name))
    if not AssessmentScheme.objects.exists():
        fill_assessment(lambda name: apps.get_model("cases", name))
    forget_codes()
    forget_rules()
    forget_outlets()
    forget_idle_locks()


def _regions() -> None:
    parents = {
        code: level_of(code).above and code[: level_of(code).above.digits].ljust(12, "0") for code in REGIONS
    }
    Region.objects.bulk_create(
        Region(code=code, name=name, level=level_of(code), parent_id=parents[code])
        for code, name in REGIONS.items()
    )


def _organisations() -> dict[str, Organisation]:
    regions = Region.objects.in_bulk(list(REGIONS))
    made = {
        part: Organisation(
            name=name,
            short_name=short_name,
            kind=kind,
            region=regions[code],
            department_id=department or None,
            phone="0375-0000000",
        )
        for part, (name, short_name, kind, code, department) in ORGANISATIONS.items()
    }
    Organisation.objects.bulk_create(made.values())
    above = {"village": "station", "station": "county", "other_station": "county", "county": "city"}
    above |= {"far_station": "other_county", "other_county": "city"}
    for lower, upper in above.items():
        made[lower].parent = made[upper]
    Organisation.objects.bulk_update([made[lower] for lower in above], ["parent"])
    return made


def make_cast() -> Cast:
    """Everybody, in four statements; accounts have no password that could be typed."""
    seed()
    _regions()
    organisations = _organisations()
    people = {}
    for part, (name, organisation, role) in PEOPLE.items():
        people[part] = Staff(
            username=part,
            name=name,
            organisation=organisations[organisation],
            roles=[role],
            email=f"{part}@example.org",
            phone="0375-0000001",
        )
        people[part].set_unusable_password()
    Staff.objects.bulk_create(people.values())
    return Cast(**organisations, **people)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def live_cast(transactional_db: None) -> Cast:
    """The same people for tests with real transactions: threads, workers."""
    return make_cast()


def login(client: Client, staff: Staff) -> Client:
    client.force_login(staff)
    return client
