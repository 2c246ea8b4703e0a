"""The ledgers of what a station is and does beside its cases: volunteers, activities, the stations themselves."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from cases.actions.ledgers.ledger import Dated, Entry, Ledger, Scope, day, joined
from cases.documents import Kind
from stations.models import Activity, Honour, Staff, StationFacts, VolunteerService
from weiquan.masking import mask_name


def services(user: Staff, scope: Scope) -> QuerySet[VolunteerService]:
    return VolunteerService.objects.filter(station__in=scope.units).select_related("volunteer", "station")


def _checked(row: Any) -> str:
    one = row.volunteer
    return f"{one.checked_on.isoformat()} {one.get_result_display()}" if one.checked_on else "未查询"


VOLUNTEER = Ledger(
    code="VOLUNTEER",
    name="志愿者台账",
    basis="《未成年人保护法》第六十二条（每年查询违法犯罪记录）",
    moment="on",
    dated=Dated.DAY,
    rows=services,
    case_of=lambda row: None,
    entries=(
        Entry(
            "姓名", lambda row: row.volunteer.name, masked=lambda row: mask_name(row.volunteer.name), width=10
        ),
        Entry("专业(律师/心理/社工…)", lambda row: row.volunteer.get_profession_display(), width=14),
        Entry(
            "证号",
            lambda row: row.volunteer.certificate_number,
            masked=lambda row: "*" * len(row.volunteer.certificate_number),
            width=20,
        ),
        Entry("单位", lambda row: row.volunteer.unit, width=22),
        Entry("服务站", lambda row: row.station.name, width=24),
        day("服务日期", lambda row: row.on),
        Entry("类型", lambda row: row.get_kind_display(), width=14),
        Entry("人次", lambda row: row.persons, Kind.NUMBER, 6),
        Entry("时长", lambda row: f"{row.hours.normalize():f}小时", width=8),
        Entry("无犯罪记录查询", _checked, width=20),
    ),
)


def activities(user: Staff, scope: Scope) -> QuerySet[Activity]:
    return Activity.objects.filter(station__in=scope.units).select_related("station")


ACTIVITY = Ledger(
    code="ACTIVITY",
    name="活动台账",
    basis="维权月（周）等宣传活动记录",
    moment="on",
    dated=Dated.DAY,
    rows=activities,
    case_of=lambda row: None,
    entries=(
        day("日期", lambda row: row.on),
        Entry("主题(三八维权月等)", lambda row: row.get_theme_display(), width=20),
        Entry("形式", lambda row: row.get_form_display(), width=14),
        Entry("地点", lambda row: row.place, width=26),
        Entry("参与人次", lambda row: row.participants, Kind.NUMBER, 9),
        Entry("资料份数", lambda row: row.papers, Kind.NUMBER, 9),
        Entry("图片", lambda row: "", width=10),
    ),
)


def stations(user: Staff, scope: Scope) -> QuerySet[StationFacts]:
    honours = Honour.objects.filter(withdrawn_on=None).order_by("valid_from", "pk")
    return (
        StationFacts.objects.filter(current=True, station__in=scope.units, station__active=True)
        .select_related("station__region")
        .prefetch_related(Prefetch("station__honours", honours, to_attr="named"))
    )


def _people(row: Any) -> str:
    return "/".join(word for word in (row.head, row.deputies, row.members) if word)


def _named(row: Any) -> Sequence[Any]:
    return row.station.named


STATION = Ledger(
    code="STATION",
    name="站点台账",
    basis="维权站规范化建设要求",
    moment="at",
    dated=Dated.NEVER,
    rows=stations,
    case_of=lambda row: None,
    notes=("站点台账是现在的情况，不按期间筛选。",),
    entries=(
        Entry("站名", lambda row: row.station.name, width=26),
        Entry("区划码", lambda row: row.station.region_id, width=14),
        Entry("地址", lambda row: row.address, width=26),
        Entry("依托(综治中心/妇女之家)", lambda row: row.get_housed_in_display(), width=16),
        day("挂牌日", lambda row: row.opened_on),
        Entry("站长/副站长/成员", _people, width=24),
        Entry("电话", lambda row: row.phone, width=14),
        Entry("接待时间", lambda row: row.hours, width=20),
        Entry("面积/功能室", lambda row: f"{row.area}㎡/{row.room_names}", width=24),
        Entry("制度上墙", lambda row: row.wall_rule_names, width=22),
        Entry("经费", lambda row: row.funds, Kind.NUMBER, 9),
        Entry("级别", lambda row: joined(one.get_kind_display() for one in _named(row)), width=16),
        day("命名日", lambda row: _named(row)[-1].valid_from if _named(row) else None),
    ),
)
