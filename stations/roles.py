"""Roles and what each may do, on one screen. Where a person may do it follows from the organisation."""

from collections.abc import Iterable
from enum import StrEnum, auto
from functools import lru_cache

from django.db import models

from stations.choices import OrgKind


class Permission(StrEnum):
    """One thing a person may be allowed to do; the cases decide on which rows."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
        return name

    CASE_REGISTER = auto()
    CASE_ACCEPT = auto()
    CASE_ASSIGN = auto()
    CASE_HANDLE = auto()
    CASE_REFER = auto()
    CASE_ESCALATE = auto()
    CASE_REVIEW = auto()
    CASE_EXTEND = auto()
    CASE_SUSPEND = auto()
    CASE_CLOSE = auto()
    CASE_CLOSE_ORANGE = auto()
    CASE_CLOSE_RED = auto()
    CASE_REOPEN = auto()
    CASE_MERGE = auto()
    CASE_VOID = auto()
    CASE_FOLLOW_UP = auto()
    CASE_READ = auto()
    CASE_READ_ASSIGNED = auto()  # a volunteer: the cases she was given, masked, and no other
    CASE_REVEAL = auto()
    CASE_SEARCH = auto()
    CASE_BREAK_IN = auto()  # in an emergency: read a case of the same city that is closed to her
    CASE_FIGURES = auto()
    REFERRAL_READ = auto()
    REFERRAL_SIGN = auto()
    REFERRAL_ANSWER = auto()
    REFERRAL_CONFIRM = auto()
    STAFF_MANAGE = auto()
    CALENDAR_MANAGE = auto()
    CODES_MANAGE = auto()
    RULES_READ = auto()
    RULES_MANAGE = auto()
    CASE_INSTRUCT = auto()
    SUPERVISE = auto()
    SUPERVISE_SIGN = auto()
    SUPERVISION_ANSWER = auto()
    CONFERENCE_READ = auto()
    CONFERENCE_PROPOSE = auto()
    CONFERENCE_MANAGE = auto()
    CONFERENCE_DECIDE = auto()  # the convenor's side: longer terms, passing a task on to the city
    TASK_REPORT = auto()
    OUTLETS_MANAGE = auto()
    AUDIT_READ = auto()
    CASE_BAR = auto()  # keep a person or a unit away from a case, and let them back
    CASE_SEAL = auto()
    CASE_UNSEAL = auto()
    LEDGER_READ = auto()  # the ledgers on screen, of what she may see
    LEDGER_EXPORT = auto()  # the same as a file, with a purpose
    LEDGER_IMPORT = auto()
    DOC_TEMPLATES = auto()  # replace the federation's letter templates by its own
    STATION_FACTS = auto()  # room, hours, volunteers, activities
    ASSESS_SCORE = auto()  # the station's own score and its evidence
    ASSESS_JUDGE = auto()  # the county's and the city's score, correction tasks
    ASSESS_MANAGE = auto()  # the scheme of a year, grades and honours
    ARCHIVE_FILE = auto()  # make up the closing file, hold it
    ARCHIVE_APPRAISE = auto()  # one of the two who decide what is kept longer and what is destroyed


class Role(models.TextChoices):
    """What a person is in the work. One person may hold several, an administrator only one."""

    VILLAGE_LIAISON = "VILLAGE_LIAISON", "村级联络员"
    STATION_CLERK = "STATION_CLERK", "维权站接待员"
    STATION_HEAD = "STATION_HEAD", "维权站站长"
    VOLUNTEER = "VOLUNTEER", "维权志愿者"
    COUNTY_OFFICER = "COUNTY_OFFICER", "权益部干部"
    COUNTY_LEADER = "COUNTY_LEADER", "妇联分管领导"
    PARTNER_LIAISON = "PARTNER_LIAISON", "部门联络员"
    PARTNER_HANDLER = "PARTNER_HANDLER", "部门承办人"
    PARTNER_LEADER = "PARTNER_LEADER", "部门分管领导"
    CONFERENCE_OFFICE = "CONFERENCE_OFFICE", "联席会议办公室"
    LEGAL_OFFICER = "LEGAL_OFFICER", "法制专员"
    ARCHIVIST = "ARCHIVIST", "档案员"
    STAT_OFFICER = "STAT_OFFICER", "统计员"
    SYS_ADMIN = "SYS_ADMIN", "系统管理员"
    SEC_ADMIN = "SEC_ADMIN", "安全管理员"
    AUDIT_ADMIN = "AUDIT_ADMIN", "审计管理员"

    @property
    def description(self) -> str:
        """What the role is for, in the words shown beside its tick box."""
        return DESCRIPTIONS[self]


P = Permission
_VILLAGE = frozenset(
    {P.CASE_REGISTER, P.CASE_HANDLE, P.CASE_FOLLOW_UP, P.CASE_ESCALATE, P.CASE_READ, P.RULES_READ}
)
_CLERK = _VILLAGE | {
    P.CASE_REFER, P.CASE_SEARCH, P.CASE_REVEAL, P.CASE_BREAK_IN, P.LEDGER_READ, P.STATION_FACTS,
}  # fmt: skip
_HEAD = _CLERK | {
    P.CASE_ACCEPT, P.CASE_ASSIGN, P.CASE_CLOSE, P.CASE_SUSPEND, P.CASE_EXTEND, P.CASE_REOPEN, P.CASE_MERGE,
    P.CASE_VOID, P.CASE_FIGURES, P.SUPERVISION_ANSWER, P.CASE_SEAL, P.CASE_BAR, P.LEDGER_EXPORT,
    P.LEDGER_IMPORT, P.ASSESS_SCORE, P.ARCHIVE_FILE,
}  # fmt: skip
_OFFICER = _HEAD | {
    P.CASE_REVIEW, P.CASE_CLOSE_ORANGE, P.CASE_INSTRUCT, P.SUPERVISE, P.CONFERENCE_READ, P.CONFERENCE_PROPOSE,
    P.TASK_REPORT, P.DOC_TEMPLATES, P.ASSESS_JUDGE,
}  # fmt: skip
_LIAISON = frozenset({
    P.REFERRAL_READ, P.REFERRAL_SIGN, P.REFERRAL_ANSWER, P.SUPERVISION_ANSWER, P.CONFERENCE_READ,
    P.CONFERENCE_PROPOSE, P.TASK_REPORT,
})  # fmt: skip

# A city officer or leader is a county one whose organisation is the city's.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VILLAGE_LIAISON: _VILLAGE,
    Role.STATION_CLERK: _CLERK,
    Role.STATION_HEAD: _HEAD,
    Role.VOLUNTEER: frozenset({P.CASE_READ_ASSIGNED}),
    Role.COUNTY_OFFICER: _OFFICER,
    Role.COUNTY_LEADER: _OFFICER
    | {
        P.CASE_CLOSE_RED,
        P.SUPERVISE_SIGN,
        P.CONFERENCE_DECIDE,
        P.CASE_UNSEAL,
        P.ASSESS_MANAGE,
        P.ARCHIVE_APPRAISE,
    },
    Role.PARTNER_LIAISON: _LIAISON,
    Role.PARTNER_HANDLER: frozenset({P.REFERRAL_READ, P.REFERRAL_ANSWER}),
    Role.PARTNER_LEADER: _LIAISON | {P.REFERRAL_CONFIRM},
    Role.CONFERENCE_OFFICE: frozenset(
        {
            P.CASE_FIGURES,
            P.RULES_READ,
            P.CONFERENCE_READ,
            P.CONFERENCE_PROPOSE,
            P.CONFERENCE_MANAGE,
            P.CONFERENCE_DECIDE,
        }
    ),
    Role.LEGAL_OFFICER: frozenset({P.RULES_READ, P.RULES_MANAGE}),
    Role.ARCHIVIST: frozenset({P.CASE_READ, P.RULES_READ, P.ARCHIVE_FILE, P.ARCHIVE_APPRAISE}),
    Role.STAT_OFFICER: frozenset({P.CASE_FIGURES}),
    Role.SYS_ADMIN: frozenset({P.CODES_MANAGE, P.CALENDAR_MANAGE, P.RULES_READ, P.OUTLETS_MANAGE}),
    Role.SEC_ADMIN: frozenset({P.STAFF_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({P.AUDIT_READ}),
}

DESCRIPTIONS: dict[Role, str] = {
    Role.VILLAGE_LIAISON: "村（社区）妇联主席或工作点联络员：登记、调解、走访、回访，处理不了的上报乡镇",
    Role.STATION_CLERK: "乡镇（街道）维权站接待：登记、办理、转有关部门、回访，可检索和查看本站案件",
    Role.STATION_HEAD: "维权站负责人：受理、分派、延期、中止、结案、并案、作废，含接待员的全部工作",
    Role.VOLUNTEER: "律师、心理咨询等志愿者：只看分给自己的案件，姓名和电话不显示全",
    Role.COUNTY_OFFICER: "县（市、区）或市妇联权益部：审核上报案件、跨部门转办、审批橙色风险案件结案",
    Role.COUNTY_LEADER: "妇联分管副主席或主席：在权益部职责之外，审批红色风险案件结案、签发督办文书",
    Role.PARTNER_LIAISON: "公安、法院、民政等部门的联络人：签收转来的事项，答复办理情况",
    Role.PARTNER_HANDLER: "在部门里具体承办的人：答复办理情况",
    Role.PARTNER_LEADER: "签收、答复，并确认本部门的办理结果",
    Role.CONFERENCE_OFFICE: "收议题、排会议、记纪要、督促议定事项落实；看汇总数字，看不到案件本身",
    Role.LEGAL_OFFICER: "核对和修改期限规则、节假日，看不到任何案件",
    Role.ARCHIVIST: "查阅案件用于立卷归档，不能改动",
    Role.STAT_OFFICER: "只看汇总数字，看不到任何案件",
    Role.SYS_ADMIN: "维护区划、代码、节假日和通知渠道，看不到任何案件，不能与其他角色兼任",
    Role.SEC_ADMIN: "开户、停用、授予角色、重置密码，看不到任何案件，不能与其他角色兼任",
    Role.AUDIT_ADMIN: "查看操作和查阅记录，看不到案件内容，不能与其他角色兼任",
}

# The three administrators are three persons, and none of them works on cases (三员分立).
ADMIN_ROLES = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDIT_ADMIN})
PARTNER_ROLES = frozenset({Role.PARTNER_LIAISON, Role.PARTNER_HANDLER, Role.PARTNER_LEADER})


# Where each role can be held: a case role in a department would see the cases of a whole county.
_OFFICES = frozenset({OrgKind.STATION, OrgKind.FEDERATION, OrgKind.VILLAGE_POINT})
HOMES: dict[Role, frozenset[OrgKind]] = {
    Role.VILLAGE_LIAISON: frozenset({OrgKind.VILLAGE_POINT, OrgKind.STATION}),
    Role.STATION_CLERK: frozenset({OrgKind.STATION}),
    Role.STATION_HEAD: frozenset({OrgKind.STATION}),
    Role.VOLUNTEER: _OFFICES,
    Role.COUNTY_OFFICER: frozenset({OrgKind.FEDERATION}),
    Role.COUNTY_LEADER: frozenset({OrgKind.FEDERATION}),
    Role.PARTNER_LIAISON: frozenset({OrgKind.DEPARTMENT}),
    Role.PARTNER_HANDLER: frozenset({OrgKind.DEPARTMENT}),
    Role.PARTNER_LEADER: frozenset({OrgKind.DEPARTMENT}),
    Role.CONFERENCE_OFFICE: frozenset({OrgKind.FEDERATION, OrgKind.DEPARTMENT}),
    Role.LEGAL_OFFICER: frozenset({OrgKind.FEDERATION}),
    Role.ARCHIVIST: _OFFICES,
    Role.STAT_OFFICER: _OFFICES,
}


def misplaced(roles: list[str], kind: str) -> list[Role]:
    """Those of the roles that an organisation of this kind cannot have; administrators may sit anywhere."""
    return [role for role in map(Role, roles) if role in HOMES and kind not in HOMES[role]]


def granted(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything these role codes allow together; a code no longer in use allows nothing."""
    return _granted(tuple(roles))


@lru_cache(maxsize=1024)
def _granted(roles: tuple[str, ...]) -> frozenset[Permission]:
    return frozenset().union(*(GRANTS[Role(role)] for role in roles if role in Role.values))
