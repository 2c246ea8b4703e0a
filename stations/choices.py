"""Codes of who and where. Whatever drives logic is a TextChoices; lists that people only read are data."""

from enum import nonmember

from django.db import models


class AdminLevel(models.TextChoices):
    """Levels of administration, in ascending order: `AdminLevel.COUNTY > AdminLevel.TOWNSHIP`."""

    VILLAGE = "VILLAGE", "村/社区"
    TOWNSHIP = "TOWNSHIP", "乡镇/街道"
    COUNTY = "COUNTY", "县/市/区"
    CITY = "CITY", "设区市"
    PROVINCE = "PROVINCE", "省"

    @property
    def rank(self) -> int:
        """1 for the village, 5 for the province."""
        return _ORDER.index(self.value) + 1

    @property
    def above(self) -> "AdminLevel | None":
        """The next level up; nothing stands above the province here."""
        return AdminLevel(_ORDER[self.rank]) if self.rank < len(_ORDER) else None

    @property
    def digits(self) -> int:
        """How many leading digits of a region code everything below this level shares."""
        return _DIGITS[self.value]

    # str compares by the alphabet, which would put CITY below COUNTY.
    def __lt__(self, other: str) -> bool:
        return self.rank < AdminLevel(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > AdminLevel(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= AdminLevel(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= AdminLevel(other).rank


_ORDER = ["VILLAGE", "TOWNSHIP", "COUNTY", "CITY", "PROVINCE"]
_DIGITS = {"VILLAGE": 12, "TOWNSHIP": 9, "COUNTY": 6, "CITY": 4, "PROVINCE": 2}


def level_of(code: str) -> AdminLevel:
    """Read the level off a 12-digit region code: the groups 2-2-2-3-3 are filled from the left."""
    if code[9:] != "000":
        return AdminLevel.VILLAGE
    if code[6:9] != "000":
        return AdminLevel.TOWNSHIP
    if code[4:6] != "00":
        return AdminLevel.COUNTY
    if code[2:4] != "00":
        return AdminLevel.CITY
    return AdminLevel.PROVINCE


class OrgKind(models.TextChoices):
    """What an organisation is to the work; departments carry their kind in `DepartmentKind`."""

    VILLAGE_POINT = "VILLAGE_POINT", "维权工作点"
    STATION = "STATION", "维权站"
    FEDERATION = "FEDERATION", "妇联"
    DEPARTMENT = "DEPARTMENT", "部门"


class StationGrade(models.TextChoices):
    """Result of the yearly assessment of stations and points."""

    STANDARD = "STANDARD", "标准化维权站"
    MODEL = "MODEL", "示范站"
    MODEL_POINT = "MODEL_POINT", "示范工作点"
    QUALIFIED = "QUALIFIED", "合格"
    RECTIFY = "RECTIFY", "待整改"

    # What a federation names a station for some years (十百千工程); the rest is what a yearly assessment found.
    honours = nonmember(("STANDARD", "MODEL", "MODEL_POINT"))


class DayKind(models.TextChoices):
    """A day that differs from the plain week: rest on a weekday, or work on a weekend."""

    REST = "REST", "放假"
    WORK = "WORK", "调休上班"


class StaffStep(models.TextChoices):
    """What was done to an account; read by the audit administrator."""

    CREATED = "CREATED", "开户"
    CHANGED = "CHANGED", "修改资料"
    MOVED = "MOVED", "调整单位"
    ROLES = "ROLES", "调整角色"
    DEACTIVATED = "DEACTIVATED", "停用"
    REACTIVATED = "REACTIVATED", "恢复使用"
    PASSWORD_RESET = "PASSWORD_RESET", "重置密码"
    MFA_RESET = "MFA_RESET", "解除两步验证"
    UNLOCKED = "UNLOCKED", "解除登录锁定"
    SIGNED_OUT = "SIGNED_OUT", "强制退出登录"
    SIGNED_OUT_ALL = "SIGNED_OUT_ALL", "本人退出全部登录"


class TieKind(models.TextChoices):
    """Who the declared person is to the member of staff."""

    SELF = "SELF", "本人"
    SPOUSE = "SPOUSE", "配偶"
    PARENT = "PARENT", "父母"
    CHILD = "CHILD", "子女"
    SIBLING = "SIBLING", "兄弟姐妹"
    IN_LAW = "IN_LAW", "姻亲"
    OTHER = "OTHER", "其他密切关系"


class HousedIn(models.TextChoices):
    """What house the station shares (依托)."""

    GOVERNANCE = "GOVERNANCE", "综治中心"
    WOMEN_HOME = "WOMEN_HOME", "妇女之家"
    JUSTICE = "JUSTICE", "司法所"
    SERVICE_HALL = "SERVICE_HALL", "便民服务中心"
    OWN = "OWN", "独立场所"


class Room(models.TextChoices):
    """A function room of a station (功能室)."""

    RECEPTION = "RECEPTION", "接待室"
    MEDIATION = "MEDIATION", "调解室"
    COUNSELLING = "COUNSELLING", "心理疏导室"
    LEGAL = "LEGAL", "法律咨询室"
    CHILDREN = "CHILDREN", "儿童活动区"
    FILES = "FILES", "档案室"


class WallRule(models.TextChoices):
    """Rules that hang on the wall (制度上墙)."""

    RECEPTION = "RECEPTION", "接待登记制度"
    FIRST_RECEIVER = "FIRST_RECEIVER", "首问首接责任制"
    MEDIATION = "MEDIATION", "调解工作制度"
    REPORT = "REPORT", "强制报告流程"
    SECRECY = "SECRECY", "保密制度"
    RETURN_VISIT = "RETURN_VISIT", "回访制度"
    DUTY = "DUTY", "值班和公示栏"


class Profession(models.TextChoices):
    LAWYER = "LAWYER", "律师"
    LEGAL_WORKER = "LEGAL_WORKER", "基层法律服务工作者"
    PSYCHOLOGIST = "PSYCHOLOGIST", "心理咨询师"
    SOCIAL_WORKER = "SOCIAL_WORKER", "社会工作者"
    TEACHER = "TEACHER", "教师"
    DOCTOR = "DOCTOR", "医务人员"
    MEDIATOR = "MEDIATOR", "人民调解员"
    FAMILY_EDUCATION = "FAMILY_EDUCATION", "家庭教育指导师"
    OTHER = "OTHER", "其他"


class OffenceResult(models.TextChoices):
    """What the yearly offence-record check found. Source: 未成年人保护法 (2024) 第62条."""

    CLEAR = "CLEAR", "无违法犯罪记录"
    FOUND = "FOUND", "有记录，不得接触未成年人"


class VolunteerWork(models.TextChoices):
    LEGAL_ADVICE = "LEGAL_ADVICE", "法律咨询"
    COUNSELLING = "COUNSELLING", "心理疏导"
    MEDIATION = "MEDIATION", "参与调解"
    FAMILY_EDUCATION = "FAMILY_EDUCATION", "家庭教育指导"
    VISIT = "VISIT", "走访陪伴"
    LECTURE = "LECTURE", "普法宣讲"
    OTHER = "OTHER", "其他"


class ActivityTheme(models.TextChoices):
    """The campaign an activity belongs to, so that a year's work can be counted by it."""

    MARCH_8 = "MARCH_8", "三八维权月"
    ANTI_DV = "ANTI_DV", "反家庭暴力宣传"
    SAFE_FAMILY = "SAFE_FAMILY", "平安家庭"
    NO_DV_COMMUNITY = "NO_DV_COMMUNITY", "零家庭暴力社区"
    CHILD_GUARD = "CHILD_GUARD", "未成年人保护"
    FAMILY_EDUCATION = "FAMILY_EDUCATION", "家庭教育"
    CONSTITUTION = "CONSTITUTION", "宪法和法治宣传"
    OTHER = "OTHER", "其他"


class ActivityForm(models.TextChoices):
    LECTURE = "LECTURE", "讲座"
    STREET = "STREET", "街头或集市宣传"
    HOUSEHOLD = "HOUSEHOLD", "入户宣传"
    SCHOOL = "SCHOOL", "进校园"
    TRAINING = "TRAINING", "业务培训"
    ONLINE = "ONLINE", "网上宣传"
    OTHER = "OTHER", "其他"
