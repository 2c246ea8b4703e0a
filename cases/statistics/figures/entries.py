"""What is counted, when, and for which place: every figure is a sum of signed entries, each of one case and one moment.

An entry hangs on something that happened at a moment that no later step moves: a contact entered, an event, a closing
approved, a record of work, a period that ran out. A void is an entry of its own, with a minus, on the day it was
confirmed; so is a merge. So a month that is over does not change, whatever becomes of its cases.

The place is read from the case number, which was given out once; `number` is what the place is cut from.
"""
# ruff: noqa: S608 – every text here is put together from our own codes

from collections.abc import Mapping, Sequence

from cases.choices import (
    Channel,
    ClockStart,
    ClockStatus,
    FeedbackKind,
    PaperKind,
    ReferralStatus,
    Sex,
    Step,
)

GROUP = 5  # a visit of five or more is a group's (集体访)
SOLVED = ("SOLVED", "MEDIATED", "ANSWERED", "SUPPORTED", "RELIEVED", "TRANSFERRED_REPLIED")
# What the police did, as they are asked to split it: 公通字〔2024〕34号 第21条.
POLICE_RESULTS = {
    "CRITICIZED": ("POLICE.CRITICIZED",),
    "WARNED": ("POLICE.WARNING_LETTER",),
    "PUNISHED": ("POLICE.PENALTY",),
    "PROSECUTED": ("POLICE.CRIMINAL_FILED", "POLICE.DETAINED", "POLICE.TO_PROSECUTE"),
}
AIDED = ("JUSTICE.AID_GRANTED", "JUSTICE.ASSIGNED")
WAYS: dict[str, tuple[str, ...]] = {
    "LETTER": (Channel.LETTER,),
    "VISIT": Channel.visits,
    "PHONE": Channel.phones,
    "ONLINE": (Channel.ONLINE,),
    "IN": (*Channel.transfers, Channel.MANDATORY_IN),
    "FOUND": (Channel.OUTREACH, Channel.MEDIA),
}
COUNTED_STEPS = (
    *(Step.REGISTER, Step.ADVISE, Step.ACCEPT, Step.REFUSE, Step.REDIRECT, Step.CLOSE, Step.REOPEN),
    *(Step.MERGE, Step.VOID),
)
OTHER_STEPS = ("MO_REPORT", "MO_FILE", "MO_BREACH", "MO_VISIT", "MO_SIGN")
ENDING = (Step.ADVISE, Step.REFUSE, Step.REDIRECT, Step.CLOSE, Step.MERGE, Step.VOID)


def _listed(values: object) -> str:
    return ", ".join(f"'{value}'" for value in map(str, values))  # type: ignore[call-overload]


_WAY = (
    "CASE {channel} "
    + " ".join(f"WHEN '{channel}' THEN '{way}'" for way, channels in WAYS.items() for channel in channels)
    + " END"
)
_BETWEEN = "{moment} >= %(first)s AND {moment} < %(last)s"
_HEAD = "SELECT c.id AS case_id, c.number AS number, told.measure, told.dim, told.value FROM "


def _between(moment: str) -> str:
    return _BETWEEN.format(moment=moment)


def _dv(moment: str) -> str:
    """Violence in the family by its category, or from the moment the danger was asked about."""
    return (
        "(c.category = 'MAR_DV' OR 'MAR_DV' = ANY(c.categories) OR EXISTS (SELECT FROM cases_dangerassessment asked "
        f"WHERE asked.case_id = c.id AND asked.at <= {moment}))"
    )


def _contacts(origin: str, sign: str, moment: str) -> str:
    way = _WAY.format(channel="contact.channel")
    visit = f"contact.channel IN ({_listed(Channel.visits)})"
    return f"""{_HEAD}{origin}
        CROSS JOIN LATERAL (SELECT {way} || ':' || contact.occurrence AS way) how
        CROSS JOIN LATERAL (VALUES
            ('CONTACT', how.way, {sign}1),
            ('PERSONS', how.way, {sign}contact.persons),
            ('CATEGORY', c.category::text, {sign}1),
            ('GROUP', '', CASE WHEN {visit} AND contact.persons >= {GROUP} THEN {sign}1 ELSE 0 END),
            ('GROUP_PERSONS', '', CASE WHEN {visit} AND contact.persons >= {GROUP} THEN {sign}contact.persons ELSE 0 END),
            ('DV_CONTACT', '', CASE WHEN {_dv("contact.entered_at")} THEN {sign}1 ELSE 0 END)
        ) told(measure, dim, value)
        WHERE {_between(moment)} AND told.value <> 0"""


def _events() -> str:
    """Steps of a case; 件 (MATTER) less what was voided or merged; what is open (OPEN) as a flow."""
    gone = f"event.step IN ({_listed((Step.VOID, Step.MERGE))})"
    steps = (*COUNTED_STEPS, *OTHER_STEPS)
    sign = f"CASE WHEN event.step = '{Step.REGISTER}' THEN 1 WHEN {gone} THEN -1 ELSE 0 END"
    return f"""{_HEAD}cases_event event JOIN cases_case c ON c.id = event.case_id
        CROSS JOIN LATERAL (SELECT {sign} AS sign) what
        CROSS JOIN LATERAL (VALUES
            ('STEP', event.step::text, 1),
            ('MATTER', {_WAY.format(channel="c.channel")}, what.sign),
            ('OCCURRENCE', c.occurrence::text, what.sign),
            ('MAJOR', '', CASE WHEN 'URGENT' = ANY(c.flags) THEN what.sign ELSE 0 END),
            ('OPEN', '', CASE WHEN event.step IN ('{Step.REGISTER}', '{Step.REOPEN}') THEN 1
                              WHEN event.step IN ({_listed(ENDING)}) THEN -1 ELSE 0 END)
        ) told(measure, dim, value)
        WHERE event.step IN ({_listed(steps)}) AND {_between("event.at")} AND told.value <> 0"""


def _watched() -> str:
    return f"""{_HEAD}cases_event event JOIN cases_case c ON c.id = event.case_id
        CROSS JOIN LATERAL (VALUES ('MONITOR', event.facts->>'kind', 1)) told(measure, dim, value)
        WHERE event.step = 'MO_OPEN' AND {_between("event.at")} AND told.dim IS NOT NULL"""


def _taken_in() -> str:
    """A matter passed to another unit counts there as 转入, and nowhere else a second time."""
    return f"""SELECT c.id AS case_id, unit.region_id AS number, 'TAKEN_IN' AS measure, '' AS dim, 1 AS value
        FROM cases_event event JOIN cases_case c ON c.id = event.case_id
        JOIN stations_organisation unit ON unit.id = (event.facts->>'unit')::bigint
        WHERE event.step IN ('{Step.TAKE_OVER}', '{Step.SEND_DOWN}') AND {_between("event.at")}"""


def _activities() -> str:
    """What a station did besides its cases: no case stands behind it."""
    return f"""SELECT NULL::uuid AS case_id, unit.region_id AS number, told.measure, told.dim, told.value
        FROM stations_activity activity JOIN stations_organisation unit ON unit.id = activity.station_id
        CROSS JOIN LATERAL (VALUES ('ACTIVITY', activity.form::text, 1),
            ('ACTIVITY_PEOPLE', '', activity.participants)) told(measure, dim, value)
        WHERE {_between("activity.at")} AND told.value <> 0"""


def _closings(origin: str, sign: str, moment: str) -> str:
    solved = f"closure.outcome IN ({_listed(SOLVED)})"
    repeated = """EXISTS (SELECT FROM cases_contact again WHERE again.case_id = c.id
        AND again.occurrence = 'REPEAT' AND again.entered_at <= closure.decided_at)"""
    first = "closure.round_no = 1 AND c.occurrence = 'FIRST'"
    since = """CASE WHEN closure.round_no = 1 THEN c.registered_at ELSE (SELECT max(again.at) FROM cases_event again
        WHERE again.case_id = c.id AND again.step = 'REOPEN' AND again.at <= closure.decided_at) END"""
    days = f"(closure.decided_at AT TIME ZONE 'Asia/Shanghai')::date - (({since}) AT TIME ZONE 'Asia/Shanghai')::date"
    return f"""{_HEAD}{origin}
        CROSS JOIN LATERAL (VALUES
            ('CLOSED', closure.settled_level::text, {sign}1),
            ('OUTCOME', closure.outcome::text, {sign}1),
            ('CLOSE_DAYS', '', {sign}({days})),
            ('CLOSED_IN', ({days})::text, {sign}1),
            ('RATED', closure.satisfaction::text, CASE WHEN closure.satisfaction <> 'NOT_RATED' THEN {sign}1 ELSE 0 END),
            ('FIRST_CLOSED', '', CASE WHEN {first} THEN {sign}1 ELSE 0 END),
            ('FIRST_ONCE', '', CASE WHEN {first} AND {solved} AND NOT {repeated} THEN {sign}1 ELSE 0 END)
        ) told(measure, dim, value)
        WHERE closure.approved = TRUE AND {_between(moment)} AND told.value <> 0"""


def _ratings() -> str:
    """What she said later, where she had not said it at the closing: the first word of a round counts."""
    before = """EXISTS (SELECT FROM cases_closure closure WHERE closure.case_id = c.id AND closure.round_no = said.round_no
        AND closure.approved = TRUE AND closure.satisfaction <> 'NOT_RATED')"""
    said = """(SELECT visit.case_id, visit.round_no, visit.at, visit.satisfaction, visit.partner_satisfaction,
                      visit.id::text AS key FROM cases_followup visit
               UNION ALL
               SELECT rating.case_id, rating.round_no, rating.at, rating.satisfaction, rating.partner_satisfaction,
                      rating.id::text FROM cases_rating rating)"""
    return f"""{_HEAD}{said} said JOIN cases_case c ON c.id = said.case_id
        CROSS JOIN LATERAL (VALUES
            ('RATED', said.satisfaction::text, CASE WHEN said.satisfaction <> 'NOT_RATED' AND NOT {before}
                AND NOT EXISTS (SELECT FROM {said} earlier WHERE earlier.case_id = said.case_id
                    AND earlier.round_no = said.round_no AND earlier.satisfaction <> 'NOT_RATED'
                    AND (earlier.at, earlier.key) < (said.at, said.key)) THEN 1 ELSE 0 END),
            ('RATED_DEPT', said.partner_satisfaction::text,
                CASE WHEN said.partner_satisfaction <> 'NOT_RATED' THEN 1 ELSE 0 END)
        ) told(measure, dim, value)
        WHERE {_between("said.at")} AND told.value <> 0"""


def _plain(origin: str, moment: str, *told: str, where: str = "TRUE") -> str:
    values = ", ".join(f"({one})" for one in told)
    return f"""{_HEAD}{origin} CROSS JOIN LATERAL (VALUES {values}) told(measure, dim, value)
        WHERE {_between(moment)} AND {where} AND told.value <> 0"""


def _periods(origin: str, due: str, late: str) -> str:
    """Periods by the day they ran out. Counted are those that begin by themselves and that somebody owes; not those a
    person enters with hindsight, nor what belongs to a monitor, which may pass to another case."""
    kind = "CASE WHEN clock.code LIKE 'IN-SIGN%%' THEN 'SIGN' ELSE 'ANSWER' END"
    own = "clock.referral_id IS NULL"
    dept = f"referral.department_id || ':' || {kind}"
    return f"""{_HEAD}{origin} JOIN cases_case c ON c.id = clock.case_id
        JOIN cases_clockrule rule ON rule.id = clock.rule_id AND rule.starts = '{ClockStart.SYSTEM}'
        JOIN cases_reminderplan plan ON plan.id = rule.plan_id AND NOT plan.lapses
        LEFT JOIN cases_referral referral ON referral.id = clock.referral_id
        CROSS JOIN LATERAL (SELECT {late} AS late) was
        CROSS JOIN LATERAL (VALUES
            ('DUE', clock.code::text, CASE WHEN {own} THEN 1 ELSE 0 END),
            ('LATE', clock.code::text, CASE WHEN {own} AND was.late THEN 1 ELSE 0 END),
            ('DEPT_DUE', {dept}, CASE WHEN {own} THEN 0 ELSE 1 END),
            ('DEPT_LATE', {dept}, CASE WHEN NOT {own} AND was.late THEN 1 ELSE 0 END)
        ) told(measure, dim, value)
        WHERE clock.monitor_id IS NULL AND {_between(due)} AND told.value <> 0"""


_DUE = "GREATEST(clock.effective_due, clock.made_at)"
_WAS_DUE = f"""(SELECT * FROM cases_clock clock WHERE {_between(_DUE)}
    AND NOT (clock.status = '{ClockStatus.CANCELLED}' AND clock.ended_at <= clock.effective_due)
    AND NOT (clock.status = '{ClockStatus.PAUSED}' AND clock.paused_at <= clock.effective_due))"""
_WAS_LATE = "clock.ended_at IS NULL OR clock.ended_at > clock.effective_due"
_MISSED = """(SELECT * FROM cases_clock WHERE NOT missed = '{}') clock
    CROSS JOIN LATERAL unnest(clock.missed) AS missed(due)"""


_VICTIM = """LEFT JOIN LATERAL (SELECT party.age_band, person.sex, person.education FROM cases_party party
            LEFT JOIN cases_person person ON person.id = party.person_id
            WHERE party.case_id = c.id AND party.role IN ('VICTIM', 'PETITIONER')
            ORDER BY party.role = 'VICTIM' DESC, party.position, party.id LIMIT 1) victim ON TRUE"""


def _violence(event: str, sign: str, where: str) -> str:
    """Who suffers it, once a matter: when it is registered as such, or when the danger is first asked about."""
    victim = f"""{_VICTIM}
        LEFT JOIN LATERAL (SELECT party.relation FROM cases_party party WHERE party.case_id = c.id
            AND party.role = 'RESPONDENT' ORDER BY party.position, party.id LIMIT 1) other ON TRUE"""
    return f"""{_HEAD}{event} {victim}
        CROSS JOIN LATERAL (VALUES
            ('DV_MATTER', '', {sign}1),
            ('DV_SEX', coalesce(victim.sex, '0')::text, {sign}1),
            ('DV_AGE', coalesce(victim.age_band, 'UNKNOWN')::text, {sign}1),
            ('DV_EDUCATION', coalesce(victim.education, '')::text, {sign}1),
            ('DV_RELATION', coalesce(other.relation, '')::text, {sign}1)
        ) told(measure, dim, value) WHERE {where}"""


def _answered(groups: Mapping[str, Sequence[str]], joined: str = "") -> str:
    """Results that departments named, by groups of their codes; the first of each group counts, once a matter."""
    when = " ".join(
        f"WHEN {{one}}.result IN ({_listed(codes)}) THEN '{name}'" for name, codes in groups.items()
    )
    of, of_earlier = (f"CASE {when.format(one=one)} END" for one in ("answer", "earlier"))
    return f"""cases_feedback answer JOIN cases_referral referral ON referral.id = answer.referral_id
        JOIN cases_case c ON c.id = referral.case_id {joined}
        JOIN LATERAL (SELECT {of} AS name) named ON named.name IS NOT NULL
            AND answer.kind = '{FeedbackKind.RESULT}' AND NOT EXISTS (
            SELECT FROM cases_feedback earlier JOIN cases_referral before ON before.id = earlier.referral_id
            WHERE before.case_id = c.id AND earlier.kind = '{FeedbackKind.RESULT}' AND {of_earlier} = named.name
            AND (earlier.at, earlier.id) < (answer.at, answer.id))"""


# How late what was done too late was done: told on the day it was done, so that a month that is over stays.
_DONE_LATE = f"""cases_clock clock JOIN cases_case c ON c.id = clock.case_id
    JOIN cases_clockrule rule ON rule.id = clock.rule_id AND rule.starts = '{ClockStart.SYSTEM}'
    JOIN cases_reminderplan plan ON plan.id = rule.plan_id AND NOT plan.lapses"""
_LATE_BY = """(clock.ended_at AT TIME ZONE 'Asia/Shanghai')::date
    - ((clock.effective_due - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date"""

_EVENT = "cases_event event JOIN cases_case c ON c.id = event.case_id"
_BY_CATEGORY = "(c.category = 'MAR_DV' OR 'MAR_DV' = ANY(c.categories))"
_ASKED = "cases_dangerassessment asked JOIN cases_case c ON c.id = asked.case_id"
_FIRST_ASKED = """NOT EXISTS (SELECT FROM cases_dangerassessment earlier WHERE earlier.case_id = asked.case_id
    {also} AND (earlier.at, earlier.id) < (asked.at, asked.id))"""
_EARLIER_HIGH = _FIRST_ASKED.format(also="AND earlier.level = 'HIGH'")
_EARLIER_SCORED = _FIRST_ASKED.format(also="AND earlier.level <> ''")
_EARLIER_TYPED = _FIRST_ASKED.format(also="AND earlier.violence <> '{{}}'").replace("{{}}", "{}")
_PLANNED = "cases_serviceplan plan JOIN cases_case c ON c.id = plan.case_id"
_FIRST_PLAN = """NOT EXISTS (SELECT FROM cases_serviceplan earlier WHERE earlier.case_id = plan.case_id
    AND (earlier.at, earlier.id) < (plan.at, plan.id))"""
_VOIDED = f"event.step = '{Step.VOID}' AND {_between('event.at')}"

# Person rows may be put right later; what was counted of them stays as it was counted.
AS_COUNTED = ("DV_SEX", "DV_EDUCATION", "AID_WOMEN")

CASELESS = ("ACTIVITY", "ACTIVITY_PEOPLE")

SOURCES: tuple[str, ...] = (
    _contacts("cases_contact contact JOIN cases_case c ON c.id = contact.case_id", "", "contact.entered_at"),
    _contacts(
        f"{_EVENT} AND event.step = '{Step.VOID}' JOIN cases_contact contact ON contact.case_id = c.id",
        "-",
        "event.at",
    ),
    _events(),
    _watched(),
    _plain(
        "cases_event event JOIN cases_case c ON c.id = event.case_id",
        "event.at",
        "'AGENCY_ENDED', '', 1",
        "'AGENCY_SUPPORTED', '', CASE WHEN event.facts->>'outcome' = 'SUPPORTED' THEN 1 ELSE 0 END",
        where="event.step = 'MO_FINISH'",
    ),
    _taken_in(),
    _activities(),
    _closings("cases_closure closure JOIN cases_case c ON c.id = closure.case_id", "", "closure.decided_at"),
    _closings(
        f"{_EVENT} AND event.step = '{Step.VOID}' JOIN cases_closure closure ON closure.case_id = c.id",
        "-",
        "event.at",
    ),
    _ratings(),
    _plain(
        "cases_handlingrecord work JOIN cases_case c ON c.id = work.case_id",
        "work.at",
        "'METHOD', work.method::text, 1",
        "'SERVICE', work.service::text, CASE WHEN work.service <> '' THEN work.service_persons ELSE 0 END",
    ),
    _plain(
        "cases_referral referral JOIN cases_case c ON c.id = referral.case_id",
        "referral.sent_at",
        "'REFER', referral.kind::text, 1",
        "'DEPT_SENT', referral.department_id::text, 1",
    ),
    _plain(
        "cases_referral referral JOIN cases_case c ON c.id = referral.case_id",
        "referral.ended_at",
        "'DEPT_RETURNED', referral.department_id::text, 1",
        where=f"referral.status = '{ReferralStatus.RETURNED}'",
    ),
    _plain(
        "cases_feedback answer JOIN cases_referral referral ON referral.id = answer.referral_id "
        "JOIN cases_case c ON c.id = referral.case_id",
        "answer.at",
        "'DEPT_RESULT', referral.department_id || ':' || answer.result, 1",
        where=f"answer.kind = '{FeedbackKind.RESULT}'",
    ),
    _plain(
        _answered(POLICE_RESULTS),
        "answer.at",
        "'DV_POLICE', named.name, 1",
        where=_dv("answer.at"),
    ),
    _plain(
        _answered({"AIDED": AIDED}, _VICTIM),
        "answer.at",
        "'AID_WOMEN', '', 1",
        where=f"victim.sex = '{Sex.FEMALE}'",
    ),
    _plain(
        _DONE_LATE,
        "clock.ended_at",
        f"'DONE_LATE', ({_LATE_BY})::text, 1",
        where=f"clock.monitor_id IS NULL AND clock.referral_id IS NULL AND clock.status = '{ClockStatus.MET}' "
        "AND clock.ended_at > clock.effective_due",
    ),
    _periods(f"{_WAS_DUE} clock", _DUE, _WAS_LATE),
    _periods(_MISSED, "missed.due", "TRUE"),
    _plain(
        "cases_escalation raised JOIN cases_case c ON c.id = raised.case_id",
        "raised.submitted_at",
        "'ESCALATED', '', 1",
        "'SKIPPED', '', CASE WHEN raised.skips_level THEN 1 ELSE 0 END",
    ),
    _violence(
        f"{_EVENT} AND event.step = '{Step.REGISTER}'", "", f"{_BY_CATEGORY} AND {_between('event.at')}"
    ),
    _violence(
        _ASKED,
        "",
        f"NOT {_BY_CATEGORY} AND {_between('asked.at')} AND {_FIRST_ASKED.format(also='')}",
    ),
    _violence(_EVENT, "-", f"{_VOIDED} AND {_dv('event.at')}"),
    _plain(
        _ASKED, "asked.at", "'DANGER', asked.level::text, 1", where=f"asked.level <> '' AND {_EARLIER_SCORED}"
    ),
    _plain(_ASKED, "asked.at", "'HIGH', '', 1", where=f"asked.level = 'HIGH' AND {_EARLIER_HIGH}"),
    _plain(
        f"{_ASKED} CROSS JOIN LATERAL unnest(asked.violence) AS form(name)",
        "asked.at",
        "'VIOLENCE', form.name::text, 1",
        where=_EARLIER_TYPED,
    ),
    _plain(
        f"{_PLANNED} CROSS JOIN LATERAL unnest(plan.needs) AS need(name)",
        "plan.at",
        "'NEED', need.name::text, 1",
        where=_FIRST_PLAN,
    ),
    _plain(
        "cases_followup visit JOIN cases_case c ON c.id = visit.case_id",
        "visit.at",
        "'FOLLOW_UP', visit.result::text, 1",
    ),
    _plain(
        "cases_supervisionpaper paper JOIN cases_supervision pressed ON pressed.id = paper.supervision_id "
        "JOIN cases_case c ON c.id = pressed.case_id",
        "paper.signed_at",
        "'PAPER', paper.kind::text, 1",
        f"'DEPT_PRESSED', pressed.target_id::text, CASE WHEN paper.kind IN ({_listed(PaperKind.answered)}) THEN 1 ELSE 0 END",
    ),
    _plain(
        "cases_supervisionreply reply JOIN cases_supervisionpaper paper ON paper.id = reply.paper_id "
        "JOIN cases_supervision pressed ON pressed.id = paper.supervision_id JOIN cases_case c ON c.id = pressed.case_id",
        "reply.at",
        "'ADOPTION', reply.adoption::text, 1",
    ),
    _plain(
        f"{_EVENT} JOIN cases_party party ON party.case_id = c.id",
        "event.at",
        "'COMPLAINED', party.employer_id::text, 1",
        where=f"event.step = '{Step.REGISTER}' AND party.role = 'RESPONDENT' AND party.employer_id IS NOT NULL",
    ),
)

# Every entry between two moments; parameters `first` and `last`.
ENTRIES = "\nUNION ALL\n".join(SOURCES)


def entries_of(measures: tuple[str, ...]) -> str:
    """The same from those sources alone that may tell one of these measures."""
    chosen = [source for source in SOURCES if any(f"'{measure}'" in source for measure in measures)]
    return "\nUNION ALL\n".join(chosen)
