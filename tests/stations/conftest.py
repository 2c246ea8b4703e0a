from datetime import UTC, datetime

import pytest

from stations.choices import OrgKind
from stations.models import Organisation, Region, Staff
from stations.roles import Role

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday morning in China
PASSWORD = "sheng-huo-qi-ma-12"

REGIONS = {
    "410000000000": ("河南省", "PROVINCE"),
    "410400000000": ("平顶山市", "CITY"),
    "410423000000": ("鲁山县", "COUNTY"),
    "410423101000": ("下汤镇", "TOWNSHIP"),
    "410423101201": ("西张庄村", "VILLAGE"),
    "410423102000": ("梁洼镇", "TOWNSHIP"),
    "410422000000": ("叶县", "COUNTY"),
}


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    # The real hasher takes a third of a second on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def regions(db):
    parents = {"PROVINCE": None, "CITY": 2, "COUNTY": 4, "TOWNSHIP": 6, "VILLAGE": 9}
    return {
        code: Region.objects.create(
            code=code,
            name=name,
            level=level,
            parent_id=parents[level] and code[: parents[level]].ljust(12, "0"),
        )
        for code, (name, level) in REGIONS.items()
    }


@pytest.fixture
def station(regions):
    return Organisation.objects.create(
        name="下汤镇妇女儿童维权站", kind=OrgKind.STATION, region=regions["410423101000"]
    )


@pytest.fixture
def police(regions):
    return Organisation.objects.create(
        name="鲁山县公安局", kind=OrgKind.DEPARTMENT, department_id="POLICE", region=regions["410423000000"]
    )


@pytest.fixture
def person(db):
    """Make somebody by username; `roles` by name."""

    def make(username, *roles, **fields):
        fields.setdefault("name", username)
        return Staff.objects.create_user(username, PASSWORD, roles=list(roles), **fields)

    return make


@pytest.fixture
def officer(person):
    return person("security", Role.SEC_ADMIN, name="安全员")


@pytest.fixture
def clerk(person, station):
    return person("clerk", Role.STATION_CLERK, name="单秀英", organisation=station)
