"""Who may take which step, as truth tables: a row a step, a column a person, a table a situation.

y may · r not her role · h another unit holds it · s neither holder nor station · a neither holder nor above
t only from above · w nothing sent up to her unit · d nothing to send down · v void is the county's
n nobody asked to void · o not by whoever asked · x not her own extension · c not her own closing
p the petitioner herself, on the public page
red, ora, rep: closing a red or an orange case, refusing a repeat petitioner
"""

import pytest

from cases.actions import closure, escalation, handling
from cases.choices import EscalationReason, Occurrence, Outcome, Risk, Step
from cases.permissions import (
    in_owner_line,
    permission_to_close,
    primary_step,
    steps_open_to,
    why_not,
)
from stations.roles import Permission
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + 30 * MINUTE

SENTENCES = {
    "y": "",
    "r": "您的角色不办理这一步。",
    "h": "案件现在由其他单位承办。",
    "s": "这一步由承办单位或首接单位办理。",
    "a": "这一步由承办单位负责人或上级妇联办理。",
    "t": "只有上级妇联能提级办理。",
    "w": "没有待本单位审核的上报。",
    "d": "只有提级后的承办单位能下交。",
    "v": "作废由县级以上妇联确认。",
    "n": "尚未有人申请作废。",
    "o": "作废须由申请人以外的人确认。",
    "x": "延期须由申请人以外的负责人批准。",
    "c": "橙色、红色风险案件须由提请人以外的人审核。",
    "red": "红色风险或涉未成年人的案件，由县妇联领导审核结案。",
    "ora": "橙色风险的案件，由县妇联权益部审核结案。",
    "p": "评价由信访人凭查询码自己作出。",
    "l": "领导批示由承办案件的妇联或上级妇联登记。",
    "k": "您本来就看得到这件案件，不用破门查看。",
    "rep": "重复信访不予受理，须由县妇联决定。",
    "m": "您的角色只能看遮盖后的内容。",
}


def check(cast, case, table):
    """Compare every cell with `why_not`; report all that differ at once."""
    head, *rows = (line.split("#")[0].split() for line in table.strip().splitlines())
    wrong = []
    for name, *cells in (row for row in rows if row):
        assert len(cells) == len(head), name
        for part, cell in zip(head, cells, strict=True):
            said = why_not(getattr(cast, part), Step(name), case)
            if said != SENTENCES[cell]:
                wrong.append(f"{name} {part}: {said or 'may'}")
    assert wrong == []


def listed(table):
    return {Step(line.split()[0]) for line in table.strip().splitlines()[1:] if line.split("#")[0].split()}


STATION_HOLDS = """
                   clerk head other_head officer leader city_officer village_liaison
REGISTER           y     y    h          h       h      h            h
ADVISE             y     y    h          h       h      h            h
CONTACT            y     y    y          y       y      y            y
CORRECT            y     y    s          s       s      s            s
ACCEPT             r     y    h          h       h      h            r
REFUSE             r     y    h          h       h      h            r
REDIRECT           r     y    h          h       h      h            r
DELIVER            y     y    s          s       s      s            s
NEW_CODE           y     y    s          s       s      s            s
RATE               p     p    p          p       p      p            p      # hers alone
ASSIGN             r     y    h          h       h      h            r
ASSIST             r     y    h          h       h      h            r
HANDLE             y     y    h          h       h      h            h
CALL               y     y    y          y       y      y            m      # from outside the line with a reason
REACH              y     y    s          s       s      s            s
RERISK             y     y    h          y       y      y            h
ASSESS             y     y    h          y       y      y            h      # also whoever took her in
REFER              y     y    h          h       h      h            r
ESCALATE           y     y    h          h       h      h            h
TAKE_OVER          r     r    r          y       y      y            r      # the federations above, unasked
GUIDE              r     r    r          w       w      w            r
CO_HANDLE          r     r    r          w       w      w            r
SEND_DOWN          r     d    d          d       d      d            r
ASK_EXTENSION      y     y    h          h       h      h            h
GRANT_EXTENSION    r     y    a          y       y      y            r
DECLINE_EXTENSION  r     y    a          y       y      y            r
SUSPEND            r     y    h          h       h      h            r
RESUME             r     y    h          h       h      h            r
PROPOSE_CLOSE      y     y    h          h       h      h            h
SEND_BACK          r     y    a          y       y      y            r
CLOSE              r     y    a          y       y      y            r
FOLLOW_UP          y     y    s          s       s      s            s
REOPEN             r     y    a          y       y      y            r
MERGE              r     y    h          h       h      h            r
ASK_VOID           r     y    h          h       h      h            r
VOID               r     r    r          n       n      n            r      # the county's, and only when asked
REDATE             r     r    r          r       r      r            r      # the clockwork's
START_CLOCK        y     y    h          h       h      h            h
END_CLOCK          y     y    h          h       h      h            h
INSTRUCT           r     r    r          y       y      y            r      # a federation's, over the case
END_INSTRUCTION    r     r    r          y       y      y            r
HAND_OVER          r     y    h          h       h      h            r
RECUSE             y     y    y          y       y      y            y      # whoever reads it may step back
BAR                r     y    a          y       y      y            r
LIFT_BAR           r     y    a          y       y      y            r
NO_CONFLICT        r     y    h          h       h      h            r
CONSENT            y     y    s          s       s      s            s
WITHDRAW_CONSENT   y     y    s          s       s      s            s
DISCLOSE           y     y    s          s       s      s            s
BREAK_IN           k     k    k          k       k      k            r      # for what is out of sight
JUDGE_BREAK_IN     r     y    a          y       y      y            r
SEAL               r     y    a          y       y      y            r
UNSEAL             r     r    r          r       y      r            r      # a leader's alone
NAME_READER        r     y    a          y       y      y            r
END_READER         r     y    a          y       y      y            r
"""


def test_a_case_its_station_holds(cast):
    assert listed(STATION_HOLDS) == set(Step)

    check(cast, make_case(cast), STATION_HOLDS)


OUTSIDERS = ["volunteer", "archivist", "stat_officer", "conference", "liaison", "handler", "partner_leader"]


@pytest.mark.parametrize("part", [*OUTSIDERS, "sec_admin", "audit_admin"])
def test_nobody_outside_the_line_takes_any_step(cast, part):
    case = make_case(cast)

    steps_back = part in ("volunteer", "archivist")  # who reads cases
    assert {step: why_not(getattr(cast, part), step, case) for step in Step} == dict.fromkeys(
        Step, SENTENCES["r"]
    ) | {Step.RECUSE: "" if steps_back else SENTENCES["r"]}
    assert steps_open_to(getattr(cast, part), case) == ((Step.RECUSE,) if steps_back else ())


def test_the_system_administrator_re_dates_nothing_by_hand(cast):
    case = make_case(cast)

    assert steps_open_to(cast.sys_admin, case) == ()
    assert why_not(cast.sys_admin, Step.ACCEPT, case) == SENTENCES["r"]


def test_somebody_without_a_unit_takes_no_step(cast):
    cast.head.organisation = None

    assert why_not(cast.head, Step.ACCEPT, make_case(cast)) == SENTENCES["r"]
    assert not in_owner_line(cast.head, make_case(cast))


def test_an_account_switched_off_takes_no_step(cast):
    cast.head.is_active = False

    assert why_not(cast.head, Step.ACCEPT, make_case(cast)) == SENTENCES["r"]


VILLAGE_HOLDS = """
                   village_liaison clerk head other_head officer
ADVISE             y               h     h    h          h
CONTACT            y               y     y    y          y
CORRECT            y               s     s    s          s
ACCEPT             r               r     y    h          h        # a point has no head of its own
REFUSE             r               r     y    h          h
REDIRECT           r               r     y    h          h
DELIVER            y               s     s    s          s
ASSIGN             r               r     y    h          h
ASSIST             r               r     y    h          h
HANDLE             y               h     h    h          h
REFER              r               h     h    h          h        # taken over first
ESCALATE           y               h     h    h          h
TAKE_OVER          r               r     y    t          y
GUIDE              r               r     w    w          w
CO_HANDLE          r               r     w    w          w
SEND_DOWN          r               r     r    r          d
GRANT_EXTENSION    r               r     y    a          y
SUSPEND            r               r     y    h          h
PROPOSE_CLOSE      y               h     h    h          h
CLOSE              r               r     y    a          y
FOLLOW_UP          y               s     s    s          s
REOPEN             r               r     y    a          y
MERGE              r               r     y    h          h
ASK_VOID           r               r     y    h          h
VOID               r               r     r    r          n
"""


def test_a_case_a_village_holds_is_decided_by_the_township(cast):
    check(cast, make_case(cast, unit=cast.village), VILLAGE_HOLDS)


def sent_up(case, unit, by):
    escalation.escalate(
        case,
        to_unit=unit,
        reason=EscalationReason.BEYOND_POWER,
        tried="上门两次，均未谈拢",
        by=by,
        at=LATER,
    )
    return case


def test_a_case_a_village_sent_up_is_answered_by_the_head_of_the_station(cast):
    case = sent_up(make_case(cast, unit=cast.village), cast.station, cast.village_liaison)

    check(
        cast,
        case,
        """
                   village_liaison clerk head other_head officer
        TAKE_OVER  r               r     y    t          y
        GUIDE      r               r     y    w          w
        CO_HANDLE  r               r     y    w          w
        """,
    )


def test_a_case_the_station_took_from_a_village(cast):
    case = sent_up(make_case(cast, unit=cast.village), cast.station, cast.village_liaison)
    escalation.take_over(case, owner=cast.clerk, guidance="我站来办", by=cast.head, at=LATER)

    check(
        cast,
        case,
        """
                   village_liaison clerk head other_head officer
        HANDLE     y               y     y    h          h        # the village assists
        REFER      r               y     y    h          h
        ACCEPT     r               r     y    h          h
        CORRECT    y               y     y    s          s
        SEND_DOWN  r               r     y    d          d
        TAKE_OVER  r               r     r    r          y
        """,
    )


def test_a_case_the_station_sent_up(cast):
    case = sent_up(make_case(cast), cast.county, cast.head)

    check(
        cast,
        case,
        """
                   clerk head officer leader city_officer
        TAKE_OVER  r     r    y       y      y
        GUIDE      r     r    y       y      w
        CO_HANDLE  r     r    y       y      w
        HANDLE     y     y    h       h      h                    # the holder stays responsible
        """,
    )


def test_a_case_the_county_took_over(cast):
    case = sent_up(make_case(cast, "HANDLING"), cast.county, cast.head)
    escalation.take_over(case, owner=cast.officer, guidance="县里来办", by=cast.officer, at=LATER)

    check(
        cast,
        case,
        """
                         clerk head officer leader city_officer other_head
        HANDLE           y     y    y       y      h            h         # the station assists
        REFER            y     y    y       y      h            h
        PROPOSE_CLOSE    h     h    y       y      h            h
        ACCEPT           r     h    y       y      h            h
        ASSIGN           r     h    y       y      h            h
        CLOSE            r     a    y       y      y            a
        CORRECT          y     y    y       y      s            s
        FOLLOW_UP        y     y    y       y      s            s
        SEND_DOWN        r     r    y       y      d            r
        TAKE_OVER        r     r    t       t      y            r
        """,
    )


def test_a_case_handled_jointly(cast):
    case = sent_up(make_case(cast, "HANDLING"), cast.county, cast.head)
    escalation.handle_jointly(case, co_owner=cast.officer, split="县里联系公安", by=cast.officer, at=LATER)

    check(
        cast,
        case,
        """
                       clerk head officer leader city_officer
        HANDLE         y     y    y       y      h
        REFER          y     y    y       y      h
        PROPOSE_CLOSE  y     y    h       h      h
        """,
    )


@pytest.mark.parametrize(
    ("fields", "permission", "row"),
    [
        pytest.param(
            {"risk": Risk.BLUE}, Permission.CASE_CLOSE, "r y a y y y y", id="blue: the holder's head"
        ),
        pytest.param({"risk": Risk.YELLOW}, Permission.CASE_CLOSE, "r y a y y y y", id="yellow: likewise"),
        pytest.param(
            {"risk": Risk.ORANGE},
            Permission.CASE_CLOSE_ORANGE,
            "ora ora ora y y y y",
            id="orange: the county's rights office",
        ),
        pytest.param(
            {"risk": Risk.RED},
            Permission.CASE_CLOSE_RED,
            "red red red red y red y",
            id="red: the county's leader",
        ),
        pytest.param(
            {"risk": Risk.BLUE, "involves_minor": True},
            Permission.CASE_CLOSE_RED,
            "red red red red y red y",
            id="a minor: likewise, whatever the colour",
        ),
    ],
)
def test_who_approves_closing_depends_on_the_danger(cast, fields, permission, row):
    case = make_case(cast, "PENDING_CLOSE", **fields)

    assert permission_to_close(case) == permission
    people = "clerk head other_head officer leader city_officer city_leader"
    check(cast, case, f"{people}\nCLOSE {row}\nSEND_BACK {row}")


def test_turning_a_repeat_petitioner_away_is_the_countys(cast):
    check(
        cast,
        make_case(cast, occurrence=Occurrence.REPEAT),
        """
                clerk head officer leader city_officer other_officer village_liaison
        REFUSE  rep   rep  y       y      y            h             rep
        ACCEPT  r     y    h       h      h            h             r
        """,
    )


def test_nobody_grants_the_extension_she_asked_for(cast):
    case = make_case(cast, "HANDLING")
    handling.ask_extension(case, days=20, reason="等鉴定", by=cast.head, at=LATER)

    check(
        cast,
        case,
        """
                           clerk head officer
        GRANT_EXTENSION    r     x    y
        DECLINE_EXTENSION  r     y    y
        """,
    )


def propose(case, by):
    closure.propose_close(
        case, outcome=Outcome.SOLVED, solution="已解决", settled_level=case.level, by=by, at=LATER
    )
    return case


def test_nobody_closes_a_dangerous_case_she_proposed_to_close(cast):
    red = propose(make_case(cast, "HANDLING", unit=cast.county, risk=Risk.RED), cast.leader)
    check(cast, red, "leader city_leader officer\nCLOSE c y red\nSEND_BACK y y red")

    orange = propose(make_case(cast, "HANDLING", unit=cast.county, risk=Risk.ORANGE), cast.officer)
    check(cast, orange, "officer leader\nCLOSE c y")

    # One desk is enough where nothing is dangerous.
    blue = propose(make_case(cast, "HANDLING"), cast.head)
    check(cast, blue, "head\nCLOSE y")


def test_voiding_takes_two_people(cast):
    by_head = make_case(cast)
    handling.ask_void(by_head, reason="录错了", by=cast.head, at=LATER)
    check(cast, by_head, "clerk head other_officer officer leader city_officer\nVOID r r v y y y")

    by_officer = make_case(cast, unit=cast.county)
    handling.ask_void(by_officer, reason="录错了", by=cast.officer, at=LATER)
    check(cast, by_officer, "officer leader\nVOID o y")

    of_the_city = make_case(cast, unit=cast.city)
    handling.ask_void(of_the_city, reason="录错了", by=cast.city_officer, at=LATER)
    check(cast, of_the_city, "officer city_officer city_leader\nVOID v o y")


# The buttons of the case page: status, role and situation together.
@pytest.mark.parametrize(
    ("status", "part", "steps"),
    [
        (
            "REGISTERED",
            "clerk",
            "CONTACT CORRECT NEW_CODE HANDLE CALL REACH RERISK ASSESS REFER ESCALATE START_CLOCK"
            " RECUSE CONSENT DISCLOSE",
        ),
        (
            "REGISTERED",
            "head",
            "CONTACT CORRECT ACCEPT REFUSE REDIRECT NEW_CODE ASSIGN ASSIST HANDLE CALL REACH RERISK ASSESS REFER"
            " ESCALATE MERGE ASK_VOID START_CLOCK RECUSE BAR CONSENT DISCLOSE",
        ),
        ("REGISTERED", "officer", "CONTACT CALL RERISK ASSESS TAKE_OVER INSTRUCT RECUSE BAR"),
        ("REGISTERED", "archivist", "RECUSE"),
        (
            "HANDLING",
            "clerk",
            "CONTACT CORRECT NEW_CODE HANDLE CALL REACH RERISK ASSESS REFER ESCALATE ASK_EXTENSION PROPOSE_CLOSE"
            " START_CLOCK RECUSE CONSENT DISCLOSE",
        ),
        (
            "HANDLING",
            "head",
            "CONTACT CORRECT NEW_CODE ASSIGN ASSIST HANDLE CALL REACH RERISK ASSESS REFER ESCALATE ASK_EXTENSION"
            " SUSPEND PROPOSE_CLOSE MERGE ASK_VOID START_CLOCK RECUSE BAR CONSENT DISCLOSE",
        ),
        (
            "SUSPENDED",
            "head",
            "CONTACT CORRECT NEW_CODE ASSIGN CALL REACH RERISK ASSESS RESUME ASK_VOID START_CLOCK RECUSE BAR CONSENT"
            " DISCLOSE",
        ),
        (
            "SUSPENDED",
            "clerk",
            "CONTACT CORRECT NEW_CODE CALL REACH RERISK ASSESS START_CLOCK RECUSE CONSENT DISCLOSE",
        ),
        (
            "PENDING_CLOSE",
            "clerk",
            "CONTACT CORRECT NEW_CODE CALL REACH RERISK ASSESS START_CLOCK RECUSE CONSENT DISCLOSE",
        ),
        (
            "PENDING_CLOSE",
            "head",
            "CONTACT CORRECT NEW_CODE ASSIGN CALL REACH RERISK ASSESS SEND_BACK CLOSE ASK_VOID START_CLOCK RECUSE BAR"
            " CONSENT DISCLOSE",
        ),
        ("PENDING_CLOSE", "officer", "CONTACT CALL RERISK ASSESS SEND_BACK CLOSE INSTRUCT RECUSE BAR"),
        ("CLOSED", "clerk", "CONTACT NEW_CODE CALL REACH FOLLOW_UP START_CLOCK RECUSE CONSENT DISCLOSE"),
        (
            "CLOSED",
            "head",
            "CONTACT NEW_CODE CALL REACH FOLLOW_UP REOPEN START_CLOCK RECUSE BAR CONSENT DISCLOSE",
        ),
        ("CLOSED", "officer", "CONTACT CALL REOPEN RECUSE BAR"),
        ("NOT_ACCEPTED", "head", "NEW_CODE CALL REACH REOPEN START_CLOCK RECUSE BAR CONSENT DISCLOSE"),
        ("REDIRECTED", "head", "NEW_CODE CALL REACH REOPEN START_CLOCK RECUSE BAR CONSENT DISCLOSE"),
        ("MERGED", "head", "RECUSE BAR"),
        ("VOID", "leader", "RECUSE BAR"),
    ],
)
def test_buttons_of_the_case_page(cast, status, part, steps):
    case = make_case(cast, status)

    assert steps_open_to(getattr(cast, part), case) == tuple(Step(name) for name in steps.split())


def test_buttons_follow_the_situation(cast):
    case = make_case(cast, "HANDLING")
    assert Step.GRANT_EXTENSION not in steps_open_to(cast.head, case)

    handling.ask_extension(case, days=20, reason="等鉴定", by=cast.clerk, at=LATER)
    assert Step.GRANT_EXTENSION in steps_open_to(cast.head, case)
    assert Step.ASK_EXTENSION not in steps_open_to(cast.clerk, case)

    sent_up(case, cast.county, cast.head)
    assert Step.ESCALATE not in steps_open_to(cast.head, case)
    assert {Step.GUIDE, Step.CO_HANDLE, Step.TAKE_OVER} <= set(steps_open_to(cast.officer, case))

    make_referral(cast, case=case, at=LATER)
    case.refresh_from_db()
    buttons = steps_open_to(cast.head, case)
    assert {Step.PROPOSE_CLOSE, Step.MERGE, Step.ASK_VOID}.isdisjoint(buttons)


def test_buttons_of_a_case_asked_to_be_void(cast):
    case = make_case(cast)
    handling.ask_void(case, reason="录错了", by=cast.head, at=LATER)

    assert Step.ASK_VOID not in steps_open_to(cast.head, case)
    assert Step.VOID in steps_open_to(cast.officer, case)


def test_delivery_is_asked_for_while_a_notice_waits(cast):
    case = make_case(cast)
    handling.accept_case(case, owner=cast.clerk, by=cast.head, at=LATER)
    notice = case.petitioner_notices.get()
    assert Step.DELIVER in steps_open_to(cast.clerk, case)

    handling.record_delivery(
        notice, way="POST", delivered_on=LATER.date(), remark="挂号信", by=cast.clerk, at=LATER
    )
    assert Step.DELIVER not in steps_open_to(cast.clerk, case)


def test_buttons_cost_one_query(cast, django_assert_num_queries):
    case = make_case(cast, "HANDLING")

    with django_assert_num_queries(1):
        steps_open_to(cast.head, case)


@pytest.mark.parametrize(
    ("steps", "risk", "primary"),
    [
        ("CONTACT ACCEPT HANDLE", "BLUE", "ACCEPT"),
        ("CONTACT HANDLE RERISK", "BLUE", "HANDLE"),
        ("SEND_BACK CLOSE", "RED", "CLOSE"),
        ("CONTACT TAKE_OVER GUIDE CO_HANDLE", "ORANGE", "GUIDE"),
        ("CONTACT TAKE_OVER GUIDE CO_HANDLE", "RED", "TAKE_OVER"),  # a life in danger: not back down
        ("CONTACT GUIDE", "RED", "GUIDE"),
        ("CONTACT TAKE_OVER", "RED", None),  # nobody asked us
        ("SUSPEND", "BLUE", None),
        # What may be noted down at any time never pushes itself before what comes next.
        ("NEW_CODE HANDLE CALL REACH ASSESS RECUSE BAR CONSENT DISCLOSE SEAL", "RED", "HANDLE"),
        ("NEW_CODE CALL REACH FOLLOW_UP ASSESS RECUSE BAR CONSENT DISCLOSE UNSEAL", "RED", "FOLLOW_UP"),
        (
            "CONTACT NEW_CODE CALL REACH ASSESS RECUSE BAR LIFT_BAR CONSENT WITHDRAW_CONSENT DISCLOSE",
            "RED",
            None,
        ),
        ("SEAL UNSEAL NAME_READER END_READER", "RED", None),
        ("", "BLUE", None),
    ],
)
def test_one_primary_step_a_page(steps, risk, primary):
    assert primary_step(tuple(Step(name) for name in steps.split()), Risk(risk)) == primary
