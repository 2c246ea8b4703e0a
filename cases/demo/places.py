"""The units of 平顶山 and who works in them: real places, invented people."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from pypinyin import lazy_pinyin

from cases.demo.people import staff_names
from stations.choices import AdminLevel, OrgKind, StaffStep, StationGrade
from stations.models import Organisation, Region, Staff, StaffEvent
from stations.roles import Role

CITY = "4104"
MAIN_COUNTY = "410423"
MAIN_TOWNSHIP = "410423103"
# Where the clerk is away from today on without a deputy, and where a colleague has left.
UNMINDED_TOWNSHIP = "410423211"
LEFT_TOWNSHIP = "410423106"
LEAVER = "lushan.wawu.jiedai2"
# For demonstrations only: every account has it, and `demo_accounts` prints it.
PASSWORD = "weiquan-demo"  # noqa: S105
POINTS_IN_MAIN_TOWNSHIP = 4
POINTS = 30
SHORT_COUNTIES = {"410471": "高新区", "410472": "示范区"}
# Name after the county's, pinyin for the account, and whether the department has accounts at all: one that has
# none answers by one-time link or on paper.
DEPARTMENTS: dict[str, tuple[str, str, bool]] = {
    "POLICE": ("公安局", "gongan", True),
    "PROCURATORATE": ("人民检察院", "jiancha", True),
    "COURT": ("人民法院", "fayuan", True),
    "JUSTICE": ("司法局", "sifa", True),
    "HR_SOCIAL": ("人力资源和社会保障局", "renshe", True),
    "CIVIL_AFFAIRS": ("民政局", "minzheng", True),
    "EDUCATION": ("教育体育局", "jiaoyu", True),
    "HEALTH": ("卫生健康委员会", "weijian", False),
    "XINFANG": ("信访局", "xinfang", True),
    "POLITICS_LAW": ("委政法委员会", "zhengfa", True),
    "AGRICULTURE": ("农业农村局", "nongye", False),
}
# Members of the joint conferences of the main county and the city that nothing is referred to; without accounts.
MORE_MEMBERS = {"UNION": "总工会", "YOUTH": "委员会"}
WITH_HANDLER = ("POLICE", "COURT", "CIVIL_AFFAIRS")
TOWNSHIP_OFFICES = (MAIN_TOWNSHIP, "410423101", "410423102")
# The accounts that `demo_accounts` shows.
MAIN_CAST = (
    "zgy.jiedai",
    "zgy.zhanzhang",
    "zgy.cun",
    "zgy.zhiyuan",
    "lushan.quanyi",
    "lushan.lingdao",
    "lushan.lianxi",
    "lushan.dangan",
    "lushan.gongan",
    "lushan.gongan.chengban",
    "lushan.gongan.lingdao",
    "lushan.fayuan",
    "lushan.minzheng",
    "pds.quanyi",
    "pds.lingdao",
    "pds.lianxi",
    "pds.tongji",
    "pds.fazhi",
    "xitong",
    "anquan",
    "shenji",
)
HOURS = "工作日上午8:30—11:30，下午2:30—5:30"


@dataclass
class City:
    """Everything the life of a case needs to know of places and people, read once."""

    organisations: list[Organisation]
    staff: dict[int, list[Staff]]
    villages: dict[str, list[str]]
    names: dict[str, str]
    _departments: dict[tuple[str, str], Organisation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for org in self.organisations:
            if org.department_id:
                key = org.region_id[: AdminLevel(org.level).digits]
                self._departments[key, org.department_id] = org

    @classmethod
    def read(cls) -> "City":
        staff: dict[int, list[Staff]] = defaultdict(list)
        everybody = Staff.objects.exclude(organisation=None).select_related("organisation__region", "deputy")
        for person in everybody.order_by("id"):
            staff[person.organisation_id or 0].append(person)
        villages: dict[str, list[str]] = defaultdict(list)
        regions = Region.objects.under(CITY).order_by("code")
        for code, name in regions.filter(level=AdminLevel.VILLAGE).values_list("code", "name"):
            villages[code[:9]].append(village_name(name))
        names = dict(regions.exclude(level=AdminLevel.VILLAGE).values_list("code", "name"))
        organisations = list(Organisation.objects.select_related("region", "department").order_by("id"))
        return cls(organisations, dict(staff), dict(villages), names)

    def of_kind(self, kind: OrgKind) -> list[Organisation]:
        return [org for org in self.organisations if org.kind == kind]

    @cached_property
    def federations(self) -> dict[str, Organisation]:
        """By the six digits of the county; the city's by its four."""
        return {org.region_prefix: org for org in self.of_kind(OrgKind.FEDERATION)}

    @cached_property
    def stations(self) -> dict[str, Organisation]:
        return {org.township_code: org for org in self.of_kind(OrgKind.STATION)}

    def department(self, unit: Organisation, kind: str) -> Organisation:
        """The one of that kind a unit turns to: its township's, its county's, or the city's."""
        for place in (unit.township_code, unit.county_code, CITY):
            if place and (place, kind) in self._departments:
                return self._departments[place, kind]
        return self._departments[unit.county_code or CITY, "XINFANG"]

    def with_role(self, unit: Organisation, *roles: Role) -> list[Staff]:
        return [person for person in self.staff.get(unit.pk, []) if person.holds(*roles)]

    def address(self, township_code: str, village: str) -> str:
        county, township = (self.names[f"{township_code[:digits]:0<12}"] for digits in (6, 9))
        return f"平顶山市{county}{township}{village}"


def village_name(name: str) -> str:
    """营东村民委员会 → 营东村, 新街社区居民委员会 → 新街社区."""
    base = name.removesuffix("居民委员会").removesuffix("村民委员会")
    return base if base.endswith(("村", "社区")) else f"{base}村"


@transaction.atomic
def build_city(rng: Random, *, at: datetime, today: date) -> City:
    """Create every unit and account of the demonstration."""
    Builder(rng, at=at, today=today).build()
    return City.read()


@dataclass
class Post:
    """One account to be: where, as what, under which name, with which deputy in the same unit, and away from when to
    when, in days from the day of the demonstration. Who takes steps is never away before it."""

    username: str
    unit: Organisation
    roles: tuple[Role, ...]
    title: str
    deputy: str = ""
    absent: tuple[int, int] | None = None


class Builder:
    """Collects units and posts, then writes them in a few statements."""

    def __init__(self, rng: Random, *, at: datetime, today: date) -> None:
        self.rng, self.at, self.today = rng, at, today
        self.regions = {region.code: region for region in Region.objects.under(CITY).current()}
        self.units: list[Organisation] = []
        self.posts: list[Post] = []
        self._phone = 0

    def build(self) -> None:
        federations = self._federations()
        stations = self._stations(federations)
        departments = self._departments(federations)
        self._save([*stations.values(), *departments])
        self._save(self._points(stations))
        self._administrators()
        self._write_posts()

    # -- units ------------------------------------------------------------------------------------

    def _unit(self, region: Region, name: str, kind: OrgKind, **more: object) -> Organisation:
        self._phone += 1
        return Organisation(
            name=name,
            kind=kind,
            region=region,
            hours=HOURS,
            phone=f"0375-000{self._phone:04d}",  # no line begins with a nought
            opened_on=date(2012, 3, 8),
            **more,
        )

    def _save(self, units: list[Organisation]) -> None:
        self.units += Organisation.objects.bulk_create(units)

    def _below(self, level: AdminLevel, prefix: str = CITY) -> list[Region]:
        found = [r for r in self.regions.values() if r.level == level and r.code.startswith(prefix)]
        return sorted(found, key=lambda region: region.code)

    def _federations(self) -> dict[str, Organisation]:
        city = self._unit(
            self.regions[f"{CITY:0<12}"], "平顶山市妇女联合会", OrgKind.FEDERATION, short_name="平妇访"
        )
        self._people_of_federation(city, "pds")
        self._save([city])
        found = {CITY: city}
        for region in self._below(AdminLevel.COUNTY):
            unit = self._unit(
                region,
                f"{region.name}妇女联合会",
                OrgKind.FEDERATION,
                short_name=f"{short(region)[0]}妇访",
                parent=city,
            )
            found[region.prefix] = unit
            self._people_of_federation(unit, pinyin(short(region)))
        self._save([unit for unit in found.values() if unit is not city])
        return found

    def _stations(self, federations: dict[str, Organisation]) -> dict[str, Organisation]:
        found = {}
        for region in self._below(AdminLevel.TOWNSHIP):
            county = federations[region.code[:6]]
            found[region.prefix] = unit = self._unit(
                region,
                f"{region.name}妇女儿童维权站",
                OrgKind.STATION,
                short_name=f"{short(county.region)[0]}{base_name(region.name)}维访",
                parent=county,
                grade=self.rng.choice(
                    (StationGrade.STANDARD, StationGrade.QUALIFIED, StationGrade.QUALIFIED)
                ),
            )
            self._people_of_station(unit, region)
        return found

    def _departments(self, federations: dict[str, Organisation]) -> list[Organisation]:
        found = []
        for prefix, federation in federations.items():
            more = MORE_MEMBERS if prefix in (CITY, MAIN_COUNTY) else {}
            kinds = DEPARTMENTS | {kind: (name, "", False) for kind, name in more.items()}
            for kind, (name, account, has_accounts) in kinds.items():
                unit = self._unit(
                    federation.region,
                    department_name(federation.region, kind, name),
                    OrgKind.DEPARTMENT,
                    department_id=kind,
                )
                found.append(unit)
                if has_accounts:
                    place = "pds" if prefix == CITY else pinyin(short(federation.region))
                    self._people_of_department(unit, kind, f"{place}.{account}")
        for prefix in TOWNSHIP_OFFICES:
            region = self.regions[f"{prefix:0<12}"]
            unit = self._unit(region, f"{region.name}人民政府", OrgKind.DEPARTMENT, department_id="TOWNSHIP")
            found.append(unit)
            self._people_of_department(unit, "TOWNSHIP", f"{self._account_of(region)}.zhengfu")
        return found

    def _points(self, stations: dict[str, Organisation]) -> list[Organisation]:
        main = self._below(AdminLevel.VILLAGE, MAIN_TOWNSHIP)[:POINTS_IN_MAIN_TOWNSHIP]
        townships = [code for code in stations if code != MAIN_TOWNSHIP]
        # The main county has a third of the others.
        near = [code for code in townships if code.startswith(MAIN_COUNTY)]
        chosen = self.rng.sample(near, 8) + self.rng.sample(
            [code for code in townships if not code.startswith(MAIN_COUNTY)], POINTS - 8 - len(main)
        )
        villages = main + [found[0] for code in chosen if (found := self._below(AdminLevel.VILLAGE, code))]
        points = []
        for village in villages:
            name = village_name(village.name)
            station = stations[village.code[:9]]
            unit = self._unit(
                village,
                f"{name}妇女儿童维权工作点",
                OrgKind.VILLAGE_POINT,
                short_name=f"{base_name(station.region.name)}{name}",
                parent=station,
            )
            points.append(unit)
            account = (
                "zgy.cun" if village is main[0] else f"{self._account_of(station.region)}.{pinyin(name)}"
            )
            self._post(account, unit, "村妇联主席", Role.VILLAGE_LIAISON)
        return points

    def _account_of(self, region: Region) -> str:
        """lushan.xiatang; the township of the main cast has a short one."""
        if region.prefix == MAIN_TOWNSHIP:
            return "zgy"
        county = self.regions[f"{region.code[:6]:0<12}"]
        return f"{pinyin(short(county))}.{pinyin(base_name(region.name))}"

    # -- people -----------------------------------------------------------------------------------

    def _post(
        self,
        username: str,
        unit: Organisation,
        title: str,
        *roles: Role,
        deputy: str = "",
        absent: tuple[int, int] | None = None,
    ) -> None:
        self.posts.append(Post(username, unit, roles, title, deputy, absent))

    def _people_of_federation(self, unit: Organisation, place: str) -> None:
        officer, leader = f"{place}.quanyi", f"{place}.lingdao"
        away = (0, 4) if place == "jiaxian" else None
        self._post(officer, unit, "权益部部长", Role.COUNTY_OFFICER, deputy=leader, absent=away)
        self._post(leader, unit, "副主席", Role.COUNTY_LEADER, deputy=officer)
        if place in ("lushan", "pds"):
            self._post(f"{place}.dangan", unit, "档案员", Role.ARCHIVIST)
            self._post(f"{place}.tongji", unit, "统计员", Role.STAT_OFFICER)
            self._post(f"{place}.lianxi", unit, "联席会议办公室干事", Role.CONFERENCE_OFFICE)
        if place == "pds":
            self._post("pds.fazhi", unit, "法制专员", Role.LEGAL_OFFICER)

    def _people_of_station(self, unit: Organisation, region: Region) -> None:
        place = self._account_of(region)
        clerk, head = f"{place}.jiedai", f"{place}.zhanzhang"
        away = (0, 6) if self.rng.random() < 0.02 and place != "zgy" else None
        if region.prefix == UNMINDED_TOWNSHIP:
            self._post(clerk, unit, "接待员", Role.STATION_CLERK, absent=(0, 6))
        else:
            self._post(clerk, unit, "接待员", Role.STATION_CLERK, deputy=head)
        self._post(head, unit, "站长、妇联主席", Role.STATION_HEAD, deputy=clerk, absent=away)
        if region.prefix == LEFT_TOWNSHIP:
            self._post(LEAVER, unit, "接待员", Role.STATION_CLERK, deputy=clerk)
        if place == "zgy":
            self._post("zgy.jiedai2", unit, "接待员", Role.STATION_CLERK, deputy="zgy.jiedai", absent=(-3, 4))
            self._post("zgy.zhiyuan", unit, "志愿者（律师）", Role.VOLUNTEER)

    def _people_of_department(self, unit: Organisation, kind: str, place: str) -> None:
        leader = f"{place}.lingdao"
        self._post(place, unit, "联络员", Role.PARTNER_LIAISON, deputy=leader)
        self._post(leader, unit, "分管领导", Role.PARTNER_LEADER, deputy=place)
        if kind in WITH_HANDLER:
            self._post(f"{place}.chengban", unit, "承办人", Role.PARTNER_HANDLER, deputy=place)

    def _administrators(self) -> None:
        city = self.units[0]
        for username, role in (
            ("xitong", Role.SYS_ADMIN),
            ("anquan", Role.SEC_ADMIN),
            ("shenji", Role.AUDIT_ADMIN),
        ):
            self._post(username, city, role.label, role)

    def _write_posts(self) -> None:
        names = staff_names(self.rng)
        password = make_password(PASSWORD)  # once: hashing 700 times would take minutes
        people = {post.username: self._staff(post, names.pop(), password) for post in self.posts}
        if len(people) != len(self.posts):
            raise ValueError("Two posts share a username.")
        Staff.objects.bulk_create(people.values())
        for post in self.posts:
            person = people[post.username]
            person.deputy = people.get(post.deputy)
            if Role.PARTNER_LIAISON in post.roles:
                post.unit.duty_contact = person
        Staff.objects.bulk_update(people.values(), ["deputy"], batch_size=500)
        Organisation.objects.bulk_update(
            [unit for unit in self.units if unit.duty_contact], ["duty_contact"], batch_size=500
        )
        opener = people["anquan"]
        StaffEvent.objects.bulk_create(
            StaffEvent(staff=person, step=StaffStep.CREATED, by=opener, at=self.at, note=person.role_names)
            for person in people.values()
        )

    def _staff(self, post: Post, name: str, password: str) -> Staff:
        away = {}
        if post.absent:
            start, end = post.absent
            away = {
                "absent_from": self.today + timedelta(days=start),
                "absent_until": self.today + timedelta(days=end),
            }
        return Staff(
            username=post.username,
            password=password,
            name=name,
            organisation=post.unit,
            roles=list(post.roles),
            title=post.title,
            date_joined=self.at,
            **away,
        )


def short(region: Region) -> str:
    return SHORT_COUNTIES.get(region.prefix, region.name)


def base_name(name: str) -> str:
    """张官营镇 → 张官营, 马庄回族乡 → 马庄."""
    for ending in ("街道筹备组", "街道", "回族乡", "镇", "乡"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def pinyin(name: str) -> str:
    """鲁山县 → lushan: an account name somebody can type."""
    stem = name.removesuffix("县").removesuffix("市").removesuffix("区") if len(name) > 2 else name
    return "".join(lazy_pinyin(stem))


def department_name(region: Region, kind: str, name: str) -> str:
    place = SHORT_COUNTIES.get(region.prefix, region.name)
    if kind == "POLITICS_LAW":
        return f"中共{place}{name}"
    if kind == "YOUTH":
        return f"共青团{place}{name}"
    if region.level == AdminLevel.CITY:
        return f"{place}{'中级' if kind == 'COURT' else ''}{name}"
    if kind == "POLICE" and place.endswith("区"):
        return f"{place}公安分局"
    return f"{place}{name}"
