"""Every official document says what it must in both files, and never what it must not."""

from dataclasses import replace

import pytest

from cases.actions import handling
from cases.actions.guarding.consent import withdraw_consent
from cases.actions.papers.issue import for_unit, is_whole
from cases.actions.papers.offers import meeting_offers, offers
from cases.choices import ConsentBy, DeliveryWay, DocType, ExtractField, ReferralKind, RefuseReason
from cases.documents import (
    KINDS,
    About,
    built_in,
    check_template,
    draft,
    draw_pdf,
    fill_docx,
    our_template,
    sample,
)
from cases.forms.papers.blank import BLANKS, blank_form
from cases.models import Clock
from tests.cases import papers, room
from tests.cases.acting import applied, signed
from tests.cases.papers import FORBIDDEN, LATER, about, full_case, issue, pdf_words, words_of
from tests.cases.supervising import supervised
from tests.factories import FACTS, ID_NUMBER, SAFE_PHONE, UNSAFE_PHONE, make_case

NAME, HUSBAND = "祝冬雪", "秦大勇"
EVIL = '祝<b>&"\'冬 {{ 7*7 }} {% if x %} {_{ y }_} #panic("x") $z$ *a* _b_ \\雪'


def refused(cast):
    case = make_case(cast)
    words = {"reason": RefuseReason.LITIGATION, "explanation": "请等待法院判决。"}
    return case, handling.refuse_case(case, **words, by=cast.head, at=LATER, way=DeliveryWay.NOT_YET)


def redirected(cast):
    case = make_case(cast)
    words = {"body": "鲁山县人民法院", "explanation": "带身份证。"}
    return case, handling.redirect_case(case, **words, by=cast.head, at=LATER, way=DeliveryWay.NOT_YET)


def of_notice(cast, made):
    case, notice = made(cast)
    return about(cast, case, notice=notice)


def accepted(cast):
    case = full_case(cast, "ACCEPTED", own_power=True)
    return about(cast, case, notice=case.petitioner_notices.get())


def prolonged(cast):
    case = full_case(cast, own_power=True)
    papers.extended(cast, case)
    return about(cast, case, notice=case.petitioner_notices.get(doc_type=DocType.EXTEND_NOTICE))


def of_referral(cast, **told):
    case = full_case(cast)
    return about(cast, case, referral=papers.referred(cast, case, **told))


def of_monitor(cast, opened, **told):
    case = full_case(cast, **told)
    papers.shelter(cast, case)
    papers.assessed(cast, case)
    return about(cast, case, monitor=opened(cast, case))


def acting_for_her(cast, case):
    return signed(cast, applied(cast, case))


def pressed(cast, **told):
    found = supervised(cast, referral=papers.referred(cast, full_case(cast)), **told)
    return about(cast, found.case, paper=found.papers.get())


def of_case(cast, *prepare, status="HANDLING", **told):
    case = full_case(cast, status, **told)
    if status == "HANDLING":
        papers.shelter(cast, case)
    for step in prepare:
        step(cast, case)
    return about(cast, case)


def of_meeting(cast):
    room.fill_members(cast)
    return About(
        unit=cast.county, by=cast.conference, at=LATER, meeting=room.held(cast, [room.screened(cast)])
    )


NOT_ACCEPTED, MEETING = "请等待法院判决。", "一起家暴案件的协调处理"
# What each document is made of, and words that have to stand on it.
MADE = {
    DocType.ACCEPT_NOTICE: (accepted, (NAME, "2026年11月16日", "六十日内", "查询码", "送达回证")),
    DocType.REFUSE_NOTICE: (lambda cast: of_notice(cast, refused), (NAME, NOT_ACCEPTED, "第二十三条")),
    DocType.REDIRECT_NOTICE: (lambda cast: of_notice(cast, redirected), (NAME, "鲁山县人民法院", "带身份证")),
    DocType.TRANSFER_NOTICE: (of_referral, (NAME, "鲁山县公安局", "交办")),
    DocType.EXTEND_NOTICE: (prolonged, (NAME, "延长20日", "等待鉴定", "第三十四条")),
    DocType.REFER_LETTER: (of_referral, (NAME, SAFE_PHONE, FACTS, "回执", "规定期限", "5个工作日")),
    DocType.TRANSFER_CASE_LETTER: (
        lambda cast: of_referral(cast, kind=ReferralKind.HAND_OVER), (NAME, "移送案件线索", "管辖")),
    DocType.REFERRAL_SLIP: (lambda cast: of_referral(cast, kind=ReferralKind.REFER), (NAME, "转介接收单", "接收人")),
    DocType.OBJECTION_LETTER: (of_case, ("退回", "第二十三条", "建议由")),
    DocType.SUPERVISE_NOTICE: (pressed, ("督办通知书", "督办回执", "鲁山县公安局", "书面回复")),
    DocType.URGE_OPINION: (pressed, ("督促处理意见书", "第七十三条", "同级人民政府")),
    DocType.OPINION: (
        lambda cast: of_case(cast, own_power=True),
        (NAME, "处理意见书", "30日内", "鲁山县妇女联合会", FACTS)),
    DocType.REVIEW_OPINION: (of_case, (NAME, "复查意见书", "30日内", "维持")),
    DocType.RECHECK_OPINION: (of_case, (NAME, "复核意见书", "信访终结意见", "不再受理")),
    DocType.AGENCY_AUTH: (
        lambda cast: of_monitor(cast, acting_for_her),
        (NAME, ID_NUMBER, SAFE_PHONE, "不收取任何费用", "代为和解", "一式两份", "陪访", "报警回执复印件一份",
         "请公安说明为什么不立案", "2027年1月31日", "下妇访代〔2026〕1号")),
    DocType.INTRO_LETTER: (of_case, ("兹介绍", "有效期7天", "存根")),
    DocType.INTERVIEW_RECORD: (of_case, (NAME, FACTS, "第十九条", "签名、指印")),
    DocType.SERVICE_PLAN: (lambda cast: of_case(cast, papers.planned), ("先保证安全", "联系法律援助中心", "法律援助")),
    DocType.MR_LETTER: (
        lambda cast: of_monitor(cast, papers.reported, involves_minor=True),
        ("身上有多处瘀伤", "第十一条", "报告人信息", "代号")),
    DocType.PO_APPLICATION: (
        lambda cast: of_monitor(cast, papers.application),
        (NAME, HUSBAND, "禁止实施家庭暴力", "当事人陈述一份", "密封", "第二十三条")),
    DocType.SUPPORT_SUIT: (of_case, (NAME, HUSBAND, "支持起诉意见书", "第七十八条")),
    DocType.MEDIATION_AGREEMENT: (
        lambda cast: of_monitor(cast, papers.agreed),
        (NAME, HUSBAND, "抚养费八百元", "给付第一笔", "三十日内", "司法确认")),
    DocType.INTERVIEW_NOTICE: (of_case, ("约谈通知书", "第七十四条", "约谈纪要")),
    DocType.MEETING_NOTICE: (of_meeting, (MEETING, "会后交回", "鲁山县公安局")),
    DocType.MEETING_AGENDA: (of_meeting, (MEETING, room.BRIEF, "隐去姓名")),
    DocType.MEETING_MINUTES: (of_meeting, ("维权联席会议纪要", "出席", "某副局长")),
    DocType.CLOSE_REPORT: (
        lambda cast: of_case(cast, status="CLOSED"),
        (NAME, HUSBAND, "双方和好，丈夫戒酒。", "调解成功", "同意结案")),
    DocType.VISIT_RECORD: (lambda cast: of_case(cast, papers.visited, status="CLOSED"), (NAME, "近来平稳", "安全平稳")),
    DocType.MONITOR_RECORD: (lambda cast: of_monitor(cast, papers.warned), (NAME, "告诫书查访记录", "社区民警")),
    DocType.PI_CONSENT: (of_case, ("个人信息处理告知同意书", "敏感个人信息", "撤回同意", "第二十九条")),
}  # fmt: skip


def test_every_document_has_a_kind_and_a_test():
    assert set(MADE) == set(KINDS) == set(DocType)


@pytest.mark.parametrize("doc_type", DocType)
def test_a_document_says_what_it_must_and_nothing_of_where_she_is(cast, doc_type):
    make, musts = MADE[doc_type]

    document = issue(doc_type, make(cast))

    for told in (words_of(document.docx), pdf_words(document.pdf)):
        assert [
            word for word in (*musts, document.unit.name) if "".join(word.split()) not in told and word
        ] == []
        assert [word for word in (*FORBIDDEN, UNSAFE_PHONE, "量表上的话") if word in told] == []
        assert not KINDS[doc_type].numbered or document.number in told
        assert "{{" not in told
        assert "{%" not in told
    assert bool(document.number) == KINDS[doc_type].numbered
    assert is_whole(document)


def test_a_letter_to_a_department_says_only_what_was_ticked(cast):
    case = full_case(cast)
    sent = papers.make_referral(cast, "SENT", case, ticked=(ExtractField.FACTS,), at=LATER)

    letter = issue(DocType.REFER_LETTER, about(cast, case, referral=sent))

    assert FACTS in words_of(letter.docx)
    assert [word for word in (NAME, SAFE_PHONE, ID_NUMBER, HUSBAND) if word in words_of(letter.docx)] == []


def test_a_consent_taken_back_keeps_her_data_off_a_letter_written_later(cast):
    case = full_case(cast)
    sent = papers.referred(cast, case)
    withdraw_consent(
        case,
        consents=list(case.consents.values_list("pk", flat=True)),
        words="不愿意了",
        by=cast.clerk,
        at=LATER,
    )
    sent.refresh_from_db()

    told = words_of(issue(DocType.REFER_LETTER, about(cast, case, referral=sent)).docx)

    assert "已撤回同意" in told
    assert NAME not in told
    assert case.consents.filter(given_by=ConsentBy.SELF).exists()


def test_what_is_typed_comes_out_as_typed(cast):
    person = papers.petitioner(name=EVIL)
    case = make_case(cast, "HANDLING", parties=(person,), facts=f"事实{EVIL}\n第二段\x07{EVIL}")

    document = issue(DocType.OPINION, about(cast, case), opinion=f"意见{EVIL}")

    wanted = "".join(EVIL.split())
    for told in (words_of(document.docx), pdf_words(document.pdf)):
        assert told.count(wanted) >= 4
        assert "第二段" in told
        assert "49" not in told.replace("2026", "")


def test_the_review_right_is_told_only_where_this_unit_decided(cast):
    own = words_of(issue(DocType.OPINION, of_case(cast, own_power=True)).docx)
    other = words_of(issue(DocType.OPINION, of_case(cast)).docx)

    assert "可以自收到本意见书之日起30日内，向鲁山县妇女联合会提出复查申请" in own
    assert "复查申请" not in other
    assert "答复意见书" in other


def test_our_templates_and_samples_pass_our_own_check():
    for doc_type, kind in KINDS.items():
        check_template(our_template(doc_type), kind.layout)
        assert "示例" in words_of(fill_docx(our_template(doc_type), sample(doc_type)))


@pytest.mark.parametrize("name", BLANKS)
def test_an_empty_form_can_be_written_on(cast, name):
    sheet = blank_form(name, issuer="下汤镇维权站", at=LATER)
    musts = {
        "intake": ("来访来信来电登记表", "不要说明来电单位", "反映的事情", "信访人签名"),
        "danger": ("家庭暴力危险评估表", "没问到", "6项起", "★"),
        "slip": ("转介接收单", "是否接收"),
        "authority": ("信访代理委托书", "不收取任何费用"),
    }[name]

    for told in (words_of(fill_docx(built_in(sheet.layout), sheet)), pdf_words(draw_pdf(sheet, at=LATER))):
        assert [word for word in musts if word not in told] == []
        assert "{{" not in told


def test_only_what_fits_is_offered(cast):
    case = papers.fresh(make_case(cast))
    at_first = {one.doc_type for one in offers(case, cast.head)}
    closed = {one.doc_type for one in offers(papers.fresh(make_case(cast, "CLOSED")), cast.head)}

    assert DocType.CLOSE_REPORT not in at_first
    assert DocType.OPINION not in at_first
    assert DocType.INTRO_LETTER in at_first
    assert {DocType.CLOSE_REPORT, DocType.OPINION, DocType.ACCEPT_NOTICE} <= closed
    assert DocType.INTRO_LETTER not in closed
    assert offers(papers.fresh(make_case(cast)), cast.other_clerk) == []
    assert offers(papers.fresh(make_case(cast, "VOID")), cast.head) == []


def test_what_stands_is_not_offered_twice(cast):
    told = accepted(cast)
    before = {(one.doc_type, one.of) for one in offers(told.case, cast.clerk)}
    issue(DocType.ACCEPT_NOTICE, told)

    after = {(one.doc_type, one.of) for one in offers(told.case, cast.clerk)}

    assert before - after == {(DocType.ACCEPT_NOTICE, told.notice.pk)}


def test_an_authority_is_offered_once_it_is_signed_and_bears_its_number(cast):
    case = papers.full_case(cast)
    kinds = lambda: {one.doc_type for one in offers(papers.fresh(case), cast.head)}  # noqa: E731
    assert DocType.AGENCY_AUTH not in kinds()
    found = applied(cast, case)
    assert DocType.AGENCY_AUTH not in kinds()
    found = signed(cast, found)
    assert DocType.AGENCY_AUTH in kinds()

    county = replace(about(cast, case, monitor=found), unit=cast.county)
    issued = issue(DocType.AGENCY_AUTH, for_unit(DocType.AGENCY_AUTH, county))

    assert (issued.number, issued.unit) == (found.number, cast.station)  # the register it stands in
    assert DocType.AGENCY_AUTH not in kinds()


def test_review_is_offered_to_the_federation_above_once_an_opinion_stands(cast):
    case = make_case(cast, "CLOSED", own_power=True)
    kinds = lambda: {one.doc_type for one in offers(papers.fresh(case), cast.officer)}  # noqa: E731
    before = kinds()
    issue(DocType.OPINION, about(cast, case))

    assert DocType.REVIEW_OPINION not in before
    assert DocType.RECHECK_OPINION not in kinds()


def test_supervision_papers_are_offered_to_the_supervising_unit(cast):
    told = pressed(cast)

    offered = [(one.doc_type, one.of) for one in offers(told.case, cast.officer)]

    assert (DocType.SUPERVISE_NOTICE, told.paper.pk) in offered
    assert all(
        kind != DocType.SUPERVISE_NOTICE
        for kind, _ in [(o.doc_type, o.of) for o in offers(told.case, cast.clerk)]
    )


def test_papers_of_a_meeting_are_offered_until_made(cast):
    told = of_meeting(cast)
    offered = [one.doc_type for one in meeting_offers(told.meeting)]
    issue(DocType.MEETING_NOTICE, told)

    assert offered == [DocType.MEETING_NOTICE, DocType.MEETING_AGENDA]
    assert [one.doc_type for one in meeting_offers(told.meeting)] == [DocType.MEETING_AGENDA]


def test_a_draft_has_no_number_and_takes_none(cast):
    told = of_case(cast)

    sheet = draft(DocType.INTRO_LETTER, told, changed={"details": "改过的", "number": "假号"})

    assert sheet.common()["number"] == "（签发时编号）"
    assert "改过的" in "".join(block.get("text", "") for block in sheet.blocks())
    assert Clock.objects.filter(case=told.case).exists()
