"""Supervising on screen, from both sides of the table: what each sees, may press, and is told."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from cases.actions import supervision as verbs
from cases.actions import urging
from cases.choices import AccessKind, NoticeKind, PaperKind, ReferralStep
from cases.models import Access, Event, Notice, Supervision
from tests.cases.pages import as_, words
from tests.cases.pages import press as press_referral
from tests.cases.supervising import (
    ANSWERED,
    DEMANDED,
    EVIDENCE,
    LATER,
    PROBLEM,
    begin,
    fresh,
    next_paper,
    supervised,
    supervised_station,
)
from tests.cast import CHINA
from tests.factories import make_case, make_referral

FAR_DAY = "2099-06-01"
DRAFT = {
    "kind": "NOTICE",
    "trigger": "OVERDUE",
    "mode": "LETTER",
    "facts": PROBLEM,
    "demand": DEMANDED,
}


@pytest.fixture(autouse=True)
def _morning_of_the_scene(clock):
    """The pages read the clock: they are asked two hours after the scene began."""


def url(name, found, *more):
    return reverse(name, args=[found.pk, *more])


def press(client, found, step, **typed):
    """Press a button as it stands on the page now."""
    return client.post(url("supervision_step", found, step), {"version": fresh(found).version, **typed})


def offered(response, found):
    text = response.content.decode()
    names = ("draft", "sign-off", "sign-other", "return-draft", "acknowledge", "reply", "reject", "close",
             "unlist", "withdraw")  # fmt: skip
    return {name for name in names if url("supervision_step", found, name) in text}


# Beginning.


def test_from_the_referral_page_with_one_press_to_a_filled_draft(cast):
    sent = make_referral(cast, "SENT")
    officer = as_(cast.officer)
    page = officer.get(reverse("referral", args=[sent.pk]))
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"
    assert address in page.content.decode()
    assert address not in as_(cast.clerk).get(reverse("referral", args=[sent.pk])).content.decode()

    form = officer.get(address)
    assert form.status_code == 200
    assert sent.number in form.content.decode()  # the words are there already
    assert "请立即办理" in form.content.decode()

    done = officer.post(address, DRAFT, follow=True)

    found = Supervision.objects.get()
    assert done.redirect_chain == [(url("supervision", found), 302)]
    assert "文书已拟好。下一步：请领导签发。" in words(done)
    assert (found.target, found.referral, found.draft().facts) == (cast.police, sent, PROBLEM)


def test_whom_to_supervise_is_asked_where_there_are_several(cast):
    sent = make_referral(cast, "SENT")
    address = reverse("supervise", args=[sent.case.number])

    page = as_(cast.officer).get(address)

    assert "督办谁" in words(page)
    assert f"{address}?referral={sent.pk}" in page.content.decode()
    assert f"{address}?unit=holder" in page.content.decode()


def test_the_only_one_needs_no_choice(cast):
    case = make_case(cast, "ACCEPTED")
    address = reverse("supervise", args=[case.number])

    page = as_(cast.officer).get(address, follow=True)

    assert page.redirect_chain == [(f"{address}?unit=holder", 302)]
    assert f"案件{case.number}由你单位承办。" in words(page)
    as_(cast.officer).post(f"{address}?unit=holder", DRAFT)
    assert Supervision.objects.get().target == cast.station
    assert "现在没有可以督办的单位" in words(as_(cast.officer).get(address))


def test_a_made_up_address_is_nowhere(cast):
    case = make_case(cast, "ACCEPTED")
    own = make_case(cast, "ACCEPTED", unit=cast.county)
    officer = as_(cast.officer)

    for query in ("?referral=x", f"?referral={uuid4()}"):
        assert officer.get(reverse("supervise", args=[case.number]) + query).status_code == 404
    assert officer.get(reverse("supervise", args=[own.number]) + "?unit=holder").status_code == 404
    assert officer.get(url("supervision_step", supervised(cast), "fly")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"facts": ""}, "请填写存在的问题。"),
        ({"kind": "CIRCULAR"}, "请写明主送单位。"),
        ({"kind": "JOINT"}, "联合督办请选择联合的单位。"),
        ({"kind": "JOINT", "co_units": ["999999"]}, "联合督办单位须从清单中选择。"),
        ({"kind": "MAGIC"}, "文书的选项不在清单中，请重新选择。"),
    ],
)
def test_what_is_missing_is_said_and_kept(cast, typed, sentence):
    sent = make_referral(cast, "SENT")
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    page = as_(cast.officer).post(address, DRAFT | {"demand": "照此办理"} | typed)

    assert page.status_code == 422
    assert sentence in words(page)
    assert "照此办理" in page.content.decode()
    assert not Supervision.objects.exists()


def test_a_rung_too_high_is_said_and_kept(cast):
    sent = make_referral(cast, "SENT")
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    for typed, sentence in (
        ({"kind": "OPINION"}, "请先发督办通知书"),
        ({"kind": "LISTED"}, "确需提前的，请写明理由"),
        ({"term_on": "2026-11-01"}, "回复期限须在今天之后"),
    ):
        page = as_(cast.officer).post(address, DRAFT | typed)
        assert (page.status_code, sentence in words(page)) == (409, True), typed
        assert PROBLEM in page.content.decode()


def test_what_belongs_to_another_paper_was_out_of_sight(cast):
    sent = make_referral(cast, "SENT")
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    as_(cast.officer).post(
        address, DRAFT | {"addressee": "县政府", "skip_reason": "急", "co_units": [cast.court.pk]}
    )

    paper = Supervision.objects.get().draft()
    assert (paper.addressee, paper.skip_reason, paper.co_units.count()) == ("", "", 0)


def test_jointly_with_other_departments(cast):
    sent = make_referral(cast, "SENT")
    address = f"{reverse('supervise', args=[sent.case.number])}?referral={sent.pk}"

    as_(cast.officer).post(
        address,
        DRAFT | {"kind": "JOINT", "co_units": [cast.court.pk], "skip_reason": "急", "term_on": FAR_DAY},
    )

    found = Supervision.objects.get()
    assert list(found.draft().co_units.all()) == [cast.court]
    assert "联合督办 鲁山县人民法院" in words(as_(cast.officer).get(url("supervision", found)))


# The whole way, as people press it.


def test_from_draft_to_written_off_by_the_buttons(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))
    leader, officer, liaison = as_(cast.leader), as_(cast.officer), as_(cast.liaison)

    page = leader.get(url("supervision", found))
    assert offered(page, found) == {"sign-off", "return-draft", "withdraw"}
    assert PROBLEM in words(leader.get(url("supervision_step", found, "sign-off")))
    assert "已签发" in words(leader.get(press(leader, found, "sign-off", opinion="同意")["Location"]))

    desk = words(liaison.get(reverse("referrals")))
    assert "督办通知书 鲁妇访督〔2026〕1号 鲁山县妇女联合会" in desk
    assert "签收并书面回复 轮到我" in desk
    page = liaison.get(url("supervision", found))
    assert offered(page, found) == {"acknowledge", "reply"}
    assert press(liaison, found, "acknowledge").status_code == 302
    assert "说明" not in words(liaison.get(url("supervision_step", found, "reply")))[:10]
    short = press(liaison, found, "reply", adoption="PARTLY", measures=ANSWERED)
    assert short.status_code == 422
    assert "部分采纳或不采纳的，请写明理由。" in words(short)
    assert ANSWERED in short.content.decode()
    press(liaison, found, "reply", adoption="ADOPTED", measures=ANSWERED, why_not="看不见的旧字")

    page = officer.get(url("supervision", found))
    assert offered(page, found) == {"close", "reject"}
    assert ANSWERED in words(page)
    assert "看不见的旧字" not in page.content.decode()
    assert ANSWERED in words(officer.get(url("supervision_step", found, "close")))
    press(officer, found, "reject", way="PETITIONER", evidence=EVIDENCE)

    page = officer.get(url("supervision_step", found, "draft"))
    assert 'value="OPINION" selected' in page.content.decode()
    typed = {name: DRAFT[name] for name in ("mode", "facts", "demand")}
    done = press(officer, found, "draft", kind="OPINION", **typed)
    assert done.status_code == 302
    press(leader, found, "sign-off")
    press(liaison, found, "reply", adoption="NOT_ADOPTED", measures=ANSWERED, why_not="不属我局管辖")
    done = press(officer, found, "close", way="ONSITE", evidence=EVIDENCE, conclusion="属实")

    assert done["Location"] == reverse("case", args=[found.case.number])
    assert fresh(found).status == "CLOSED"
    assert "不属我局管辖" in words(officer.get(url("supervision", found)))
    assert liaison.get(url("supervision", found)).status_code == 404


def test_a_returned_draft_is_drafted_again_from_its_words(cast):
    found = begin(cast, make_referral(cast, "SIGNED"))
    press(as_(cast.leader), found, "return-draft", reason="写明逾期天数")

    officer = as_(cast.officer)
    page = officer.get(url("supervision", found))
    assert "写明逾期天数" in words(page)
    assert offered(page, found) == {"draft", "withdraw"}
    form = officer.get(url("supervision_step", found, "draft")).content.decode()
    assert PROBLEM in form
    assert 'value="NOTICE" selected' in form


def test_letters_to_others_and_the_list(cast):
    found = supervised(cast, "UNSOUND")
    officer, leader = as_(cast.officer), as_(cast.leader)
    typed = {name: DRAFT[name] for name in ("mode", "facts", "demand")} | {"skip_reason": "急"}

    press(officer, found, "draft", kind="REQUEST_GOV", addressee="鲁山县人民政府", **typed)
    press(leader, found, "sign-other")
    press(officer, found, "draft", kind="LISTED", **typed)
    press(leader, found, "sign-off")

    page = words(leader.get(url("supervision", found)))
    assert "挂牌督办" in page
    assert "主送 鲁山县人民政府" in page
    press(leader, found, "unlist", reason="已出警")
    assert "挂牌督办通知" in words(as_(cast.liaison).get(url("supervision", found)))
    assert "鲁山县人民政府" not in words(as_(cast.liaison).get(url("supervision", found)))


@pytest.mark.parametrize(
    ("signed", "kind"),
    [("NOTICE", "SECOND_NOTICE"), ("SECOND_NOTICE", "OPINION"), ("OPINION", "LISTED")],
)
def test_the_next_rung_is_proposed(cast, signed, kind):
    found = supervised(cast, "UNSOUND")
    for step in ("SECOND_NOTICE", "OPINION"):
        if signed == "NOTICE":
            # Not in vain by an answer, but by silence.
            break
        found = _climb(cast, found, PaperKind(step))
        if step == signed:
            break
    Supervision.objects.filter(pk=found.pk).update(
        status="ISSUED", due_at=LATER - timedelta(days=1)
    )  # silent since

    form = as_(cast.officer).get(url("supervision_step", found, "draft")).content.decode()

    assert f'value="{kind}" selected' in form


def _climb(cast, found, kind):
    at = LATER + timedelta(minutes=30)
    verbs.draft_next(found, next_paper(kind), by=cast.officer, at=at)
    verbs.sign_off(found, by=cast.leader, at=at)
    Supervision.objects.filter(pk=found.pk).update(status="UNSOUND")
    return fresh(found)


@pytest.mark.parametrize("internal", [True, False])
def test_before_the_term_only_letters_to_others_are_left(cast, internal):
    found = supervised_station(cast) if internal else supervised(cast)

    form = as_(cast.officer).get(url("supervision_step", found, "draft")).content.decode()

    assert f'value="{"CIRCULAR" if internal else "REQUEST_GOV"}" selected' in form
    assert ('value="OPINION"' in form) is not internal


def test_a_station_answers_on_its_own_page(cast):
    found = supervised_station(cast, "ISSUED")
    head = as_(cast.head)

    page = head.get(url("supervision", found))
    assert "鲁山县妇女联合会的督办" in words(page)
    assert offered(page, found) == {"acknowledge", "reply"}
    press(head, found, "reply", adoption="ADOPTED", measures=ANSWERED)

    assert fresh(found).status == "REPLIED"


# What a page that lay open meets.


def test_an_old_page_is_told_and_keeps_the_words(cast):
    found = supervised(cast, "ISSUED")
    liaison = as_(cast.liaison)
    typed = {"version": found.version, "adoption": "ADOPTED", "measures": ANSWERED}
    verbs.acknowledge(found, by=cast.liaison, at=LATER)

    page = liaison.post(url("supervision_step", found, "reply"), typed)

    assert page.status_code == 409
    assert "这项督办刚刚有了变化，请先看看最新情况" in words(page)
    assert ANSWERED in page.content.decode()


def test_a_step_that_came_too_late_says_so(cast):
    found = supervised(cast, "CLOSED")
    officer = as_(cast.officer)

    page = officer.get(url("supervision_step", found, "reject"))
    assert "现在是“已销号”，不能“核查不通过”" in words(page)
    late = press(officer, found, "reject", way="PHONE", evidence=EVIDENCE)
    assert late.status_code == 409
    assert EVIDENCE in late.content.decode()


# Paper.


def test_a_paper_receipt_and_reply_are_keyed_in(cast):
    found = supervised(cast, "ISSUED")
    officer = as_(cast.officer)
    address = url("supervision_paper", found)
    assert address in officer.get(url("supervision", found)).content.decode()
    assert officer.get(address).status_code == 200
    told = {"received_on": "2026-11-16", "name": "办公室盖章"}

    wrong = officer.post(address, {"version": fresh(found).version, "what": "REPLY", **told})
    assert wrong.status_code == 422
    assert "请选择是否采纳。" in words(wrong)
    assert "请填写采取的措施和结果。" in words(wrong)
    early = told | {"received_on": "2026-11-15"}
    wrong = officer.post(address, {"version": fresh(found).version, "what": "RECEIPT", **early})
    assert "收到日期不能早于文书签发的日期。" in words(wrong)

    receipt = {"what": "RECEIPT", "adoption": "MAGIC", **told}  # what was out of sight is not asked
    assert officer.post(address, {"version": fresh(found).version, **receipt}).status_code == 302
    assert fresh(found).status == "ACKNOWLEDGED"
    reply = {"what": "REPLY", "adoption": "ADOPTED", "measures": ANSWERED, **told}
    assert officer.post(address, {"version": fresh(found).version, **reply}).status_code == 302

    page = words(officer.get(url("supervision", found)))
    assert page.count("办公室盖章（纸质，我方代录）") == 2
    assert "（纸质，2026-11-16收到，我方代录）" in page
    again = officer.post(address, {"version": fresh(found).version, **reply})
    assert again.status_code == 409
    assert ANSWERED in again.content.decode()
    stale = officer.post(address, {"version": 1, **reply})
    assert stale.status_code == 409


def test_who_does_not_key_in(cast):
    found = supervised(cast, "ISSUED")

    assert as_(cast.head).get(url("supervision_paper", found)).status_code == 403
    assert as_(cast.head).post(url("supervision_paper", found)).status_code == 403
    assert as_(cast.archivist).post(url("supervision_paper", found)).status_code == 403
    assert as_(cast.liaison).get(url("supervision_paper", found)).status_code == 403
    assert as_(cast.civil_liaison).get(url("supervision_paper", found)).status_code == 404


def test_the_printed_letter(cast):
    found = supervised(cast, "UNSOUND")
    _climb(cast, found, PaperKind.OPINION)
    paper = found.latest_demand()
    liaison = as_(cast.liaison)

    page = words(liaison.get(url("supervision_print", found, paper.pk)))

    for said in (
        "鲁妇访督促〔2026〕1号",
        "督促处理意见书",
        "鲁山县公安局：",
        PROBLEM,
        DEMANDED,
        "第七十三条第一款",
        "请于2026年12月7日前（含当日）书面回复",
        "提请同级人民政府开展督查",
        "联系人：曾权益",
        "（盖章）",
        "督办回执",
    ):
        assert said in page, said
    assert found.case.number not in page
    assert Access.objects.filter(kind=AccessKind.PRINT, staff=cast.liaison).exists()


def test_a_letter_to_others_has_no_receipt_and_is_ours_alone(cast):
    found = supervised(cast, "UNSOUND")
    request = next_paper(PaperKind.REQUEST_GOV, addressee="鲁山县人民政府", skip_reason="急")
    verbs.draft_next(found, request, by=cast.officer, at=LATER)
    paper = verbs.sign_off(found, by=cast.leader, at=LATER)
    address = url("supervision_print", found, paper.pk)

    page = words(as_(cast.officer).get(address))

    assert "鲁山县人民政府：" in page
    assert "特提请开展督查：" in page
    assert "督办回执" not in page
    assert as_(cast.liaison).get(address).status_code == 404
    assert as_(cast.clerk2).get(address).status_code == 403
    assert as_(cast.civil_liaison).get(address).status_code == 404


# What the other side may know.


def test_a_department_reads_its_papers_and_not_a_word_more(cast):
    found = supervised(cast, "REPLIED")
    verbs.reject(found, way="PETITIONER", evidence=EVIDENCE, by=cast.officer, at=LATER)

    page = as_(cast.liaison).get(url("supervision", found))

    text = page.content.decode()
    assert PROBLEM in text
    assert "核查 不通过，向信访人核实" in words(page)
    for secret in (found.case.number, "祝冬雪", EVIDENCE, "同意", "/cases/"):
        assert secret not in text, secret
    entry = Access.objects.latest("id")
    assert (entry.staff, entry.referral, entry.in_line) == (cast.liaison, found.referral, True)


def test_another_department_and_unsigned_drafts_are_nowhere(cast):
    signed = supervised(cast, "ISSUED")
    drafted = begin(cast, make_referral(cast, "SIGNED"))

    assert as_(cast.civil_liaison).get(url("supervision", signed)).status_code == 404
    assert as_(cast.liaison).get(url("supervision", drafted)).status_code == 404
    page = words(as_(cast.civil_liaison).get(reverse("referrals")))
    assert "督办通知书" not in page
    assert signed.papers.get().number not in page


def test_outside_the_line_the_words_are_covered(cast):
    found = supervised(cast, "CLOSED")

    page = as_(cast.archivist).get(url("supervision", found))

    assert page.status_code == 200
    assert "内容已遮盖" in words(page)
    for secret in (PROBLEM, DEMANDED, ANSWERED, EVIDENCE, "属实"):
        assert secret not in page.content.decode()


# Around it.


def test_the_case_page_shows_it_and_offers_it(cast):
    found = supervised(cast, "ISSUED")
    address = reverse("case", args=[found.case.number])

    page = as_(cast.officer).get(address)
    assert url("supervision", found) in page.content.decode()
    assert "督办通知书，已发出，待签收" in words(page)
    assert reverse("supervise", args=[found.case.number]) in page.content.decode()
    mine = as_(cast.clerk).get(address).content.decode()
    assert url("supervision", found) in mine
    assert reverse("supervise", args=[found.case.number]) not in mine


def test_urging_from_the_referral_page(cast):
    sent = make_referral(cast, "SENT")
    clerk = as_(cast.clerk)
    page = clerk.get(reverse("referral", args=[sent.pk]))
    assert reverse("referral_step", args=[sent.pk, "urge"]) in page.content.decode()

    done = press_referral(clerk, sent, "urge")
    assert done.status_code == 302
    assert "人工催办1次" in words(clerk.get(done["Location"]))
    again = press_referral(clerk, sent, "urge")
    assert again.status_code == 409
    assert "上一次催办之后还没有过一个工作日" in words(again)
    assert Event.objects.filter(step=ReferralStep.URGE).count() == 1


def test_what_the_system_urged_is_shown(cast):
    sent = make_referral(cast, "SENT")
    for day in (19, 23):
        at = datetime(2026, 11, day, 8, 30, tzinfo=CHINA)
        Notice.objects.create(
            recipient=cast.liaison, kind=NoticeKind.OVERDUE, case=sent.case, referral=sent, at=at
        )

    assert "已自动催办2次，最近2026年11月23日。" in words(
        as_(cast.clerk).get(reverse("referral", args=[sent.pk]))
    )


@pytest.mark.parametrize(
    ("person", "status", "leads_to"),
    [
        ("liaison", "ISSUED", "supervision"),
        ("leader", "ISSUED", "supervision"),
        ("liaison", "CLOSED", "inbox"),
        ("officer", "CLOSED", "supervision"),
    ],
)
def test_a_notice_leads_to_it(cast, person, status, leads_to):
    found = supervised(cast, status)
    reader = getattr(cast, person)
    notice = Notice.objects.filter(recipient=reader, supervision=found).latest("id")

    done = as_(reader).post(reverse("notice_open", args=[notice.pk]))

    assert done["Location"] == (url("supervision", found) if leads_to == "supervision" else reverse("inbox"))


def test_a_proposal_leads_to_the_referral(cast):
    sent = make_referral(cast, "SENT")
    urging.propose_supervision(datetime(2026, 11, 24, 8, 35, tzinfo=CHINA))
    notice = Notice.objects.get(kind=NoticeKind.SUPERVISE_SOON)

    done = as_(cast.officer).post(reverse("notice_open", args=[notice.pk]))

    assert done["Location"] == reverse("referral", args=[sent.pk])
