"""The pages of stepping back and being kept away, the question on the forms, the block of the intake page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions.guarding.bars import bar_person, bar_unit
from cases.actions.guarding.secrecy import seal_case
from cases.choices import BarKind, Step
from cases.models import Access, Bar, Case, Event, IntakeDraft
from stations.actions.ties import declare_tie
from stations.choices import TieKind
from tests.cases import watching
from tests.cases.test_intake_page import walk_in
from tests.cast import MONDAY
from tests.factories import ID_NUMBER, make_case

LATER = MONDAY + timedelta(hours=1)


def sign_in(person):
    client = Client()
    client.force_login(person, backend="stations.backends.StaffBackend")
    return client


def url(case, step):
    return reverse("case_step", args=[case.number, step])


def test_a_head_keeps_a_person_away_from_the_case_page(cast):
    case, head = make_case(cast, "HANDLING"), sign_in(cast.head)
    assert url(case, "bar") in head.get(f"/cases/{case.number}/").content.decode()

    response = head.post(
        url(case, "bar"),
        {"staff": cast.clerk2.pk, "unit": "", "kind": "BLOCKED", "reason": "同学"},
        follow=True,
    )

    assert "“责令回避、屏蔽”已记入案件" in response.content.decode()
    row = Bar.objects.get()
    assert (row.staff, row.kind, row.reason, row.by) == (cast.clerk2, BarKind.BLOCKED, "同学", cast.head)


def test_a_head_keeps_a_unit_away(cast):
    case = make_case(cast, "HANDLING")

    sign_in(cast.head).post(
        url(case, "bar"), {"staff": "", "unit": cast.police.pk, "kind": "ACCUSED", "reason": "被反映"}
    )

    assert Bar.objects.get().organisation == cast.police


@pytest.mark.parametrize("both", [True, False])
def test_one_is_chosen_and_not_both(cast, both):
    case = make_case(cast, "HANDLING")
    chosen = {"staff": cast.clerk2.pk, "unit": cast.police.pk} if both else {}

    response = sign_in(cast.head).post(url(case, "bar"), {**chosen, "kind": "BLOCKED", "reason": "x"})

    assert response.status_code == 422
    assert "请选一个人，或者选一个单位，只选其一。" in response.content.decode()


def test_the_list_holds_the_people_of_the_county_and_not_who_is_out_already(cast):
    case = make_case(cast, "HANDLING")
    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason="", by=cast.officer, at=LATER)
    bar_unit(case, cast.court, kind=BarKind.ACCUSED, reason="", by=cast.officer, at=LATER)

    form = sign_in(cast.head).get(url(case, "bar")).context["form"]

    names = {one.name for one in form.people.values()}
    assert names >= {"单秀英", "田梁洼", "曾权益", "孙联络", "卜市权", "石大娟"}
    assert names.isdisjoint({"仇站长", "郭小满", "钱石桥", "包宝丰"})
    units = {one.name for one in form.units.values()}
    assert units >= {"鲁山县公安局", "下汤镇妇女儿童维权站", "平顶山市妇女联合会"}
    assert units.isdisjoint({"鲁山县人民法院", "宝丰县妇女联合会"})


def test_a_case_of_the_city_lists_the_city(cast):
    case = make_case(cast, unit=cast.city)

    form = sign_in(cast.city_leader).get(url(case, "bar")).context["form"]

    assert {"钱石桥", "单秀英", "卜市权"} <= {one.name for one in form.people.values()}


def test_the_last_one_is_refused_in_words_and_what_was_typed_stays(cast):
    for person in (cast.head, cast.officer, cast.leader, cast.city_officer, cast.city_leader):
        person.is_active = False
        person.save()
    case = make_case(cast, "REGISTERED")

    response = sign_in(cast.clerk).post(url(case, "recuse"), {"reason": "是我表姐"})

    assert response.status_code == 409
    page = response.content.decode()
    assert "由其指定负责人接办" in page
    assert "是我表姐" in page


def test_whoever_steps_back_is_led_to_her_desk(cast):
    case, clerk = make_case(cast, "HANDLING"), sign_in(cast.clerk)

    response = clerk.post(url(case, "recuse"), {"reason": "是我表姐"}, follow=True)

    assert response.redirect_chain == [(reverse("desk"), 302)]
    assert "您不再看到" in response.content.decode()
    assert clerk.get(f"/cases/{case.number}/").status_code == 404


def test_a_bar_is_lifted_from_the_list(cast):
    case = make_case(cast, "HANDLING")
    row = bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason="", by=cast.head, at=LATER)
    head = sign_in(cast.head)
    assert "郭小满，下汤镇妇女儿童维权站（不宜知情）" in head.get(url(case, "lift-bar")).content.decode()

    head.post(url(case, "lift-bar"), {"lifted": row.pk, "reason": "核实"})

    assert not Bar.objects.live().exists()
    assert url(case, "lift-bar") not in head.get(f"/cases/{case.number}/").content.decode()


def test_only_the_county_lifts_the_bar_of_an_accused_unit(cast):
    case = make_case(cast, "HANDLING")
    row = bar_unit(case, cast.police, kind=BarKind.ACCUSED, reason="", by=cast.head, at=LATER)

    response = sign_in(cast.head).post(url(case, "lift-bar"), {"lifted": row.pk, "reason": "核实"})

    assert response.status_code == 409
    assert "由县级以上妇联解除" in response.content.decode()


def test_a_bar_names_who_without_a_unit_too(cast):
    cast.sec_admin.organisation = None
    cast.sec_admin.save()
    row = bar_person(make_case(cast), cast.sec_admin, kind=BarKind.BLOCKED, reason="", by=cast.head, at=LATER)

    assert row.who == "韩安全"


# -- the question ---------------------------------------------------------------------------------


def declare(staff, **told):
    declare_tie(staff, kind=TieKind.SIBLING, at=MONDAY, **told)


ACCEPT = {"grade": "", "way": "NOT_YET", "plan": ""}


def test_a_namesake_is_asked_about_and_the_answer_is_kept(cast):
    case, head = make_case(cast), sign_in(cast.head)
    declare(cast.clerk2, name="祝冬雪")
    typed = {"owner": cast.clerk2.pk, **ACCEPT}

    silent = head.post(url(case, "accept"), typed)
    refused = head.post(url(case, "accept"), typed | {"conflict": "RELATED"})
    head.post(url(case, "accept"), typed | {"conflict": "NONE"})

    assert (silent.status_code, refused.status_code) == (422, 422)
    assert "郭小满与当事人有无利害关系" in silent.content.decode()
    assert "郭小满需要回避，请另选他人" in refused.content.decode()
    case.refresh_from_db()
    assert (case.owner, case.status) == (cast.clerk2, "ACCEPTED")
    assert Event.objects.get(case=case, step=Step.NO_CONFLICT).facts == {"staff": cast.clerk2.pk}
    # Asked once.
    assert "conflict" not in head.get(url(case, "assign")).context["form"].fields


def test_somebody_else_is_not_asked_about(cast):
    case, head = make_case(cast), sign_in(cast.head)
    declare(cast.clerk2, name="祝冬雪")

    head.post(url(case, "accept"), {"owner": cast.clerk.pk, **ACCEPT})

    case.refresh_from_db()
    assert case.owner == cast.clerk
    assert not Event.objects.filter(step=Step.NO_CONFLICT).exists()


def test_who_is_certainly_related_is_not_offered(cast):
    case = make_case(cast, "HANDLING")
    declare(cast.clerk2, name="某", id_number=ID_NUMBER)

    for step, field in (("assign", "owner"), ("assist", "assistant")):
        form = sign_in(cast.head).get(url(case, step)).context["form"]
        assert "郭小满" not in str(form[field])
        assert "conflict" not in form.fields


def test_the_panel_of_the_county_asks_as_well(cast):
    case, officer = make_case(cast, "HANDLING"), sign_in(cast.officer)
    declare(cast.officer, name="祝冬雪")

    page = officer.get(reverse("county_case", args=[case.number])).content.decode()

    assert "与当事人有无利害关系" in page


# -- the intake page ------------------------------------------------------------------------------


def test_the_page_lists_the_units_around(cast):
    page = sign_in(cast.clerk).get("/cases/new/").content.decode()

    assert '<option value="鲁山县公安局">' in page
    assert '<option value="平顶山市妇女联合会">' in page
    assert '<option value="宝丰县妇女联合会">' not in page
    assert '<option value="乱石盘村维权工作点">' not in page


@pytest.mark.parametrize("typed", [{"nature": "ACCUSE"}, {"category": "ACC_OFFICIAL"}])
def test_an_accusation_is_asked_whom_it_is_about(cast, typed):
    response = sign_in(cast.clerk).post("/cases/new/", walk_in(**typed))

    assert response.status_code == 422
    assert "检举控告须选清楚" in response.content.decode()


@pytest.mark.parametrize("about", ["OUTSIDE", "UNKNOWN"])
def test_an_accusation_may_be_about_nobody_here(cast, about):
    sign_in(cast.clerk).post(
        "/cases/new/", walk_in(nature="ACCUSE", **{"accused-about": about, "accused-unit": "鲁山县公安局"})
    )

    assert Case.objects.count() == 1
    assert not Bar.objects.exists()


@pytest.mark.parametrize(("unit", "words"), [("", "请从名单里选单位"), ("某某局", "名单里没有这个单位")])
def test_the_unit_is_taken_from_the_list(cast, unit, words):
    response = sign_in(cast.clerk).post(
        "/cases/new/", walk_in(**{"accused-about": "LISTED", "accused-unit": unit})
    )

    assert response.status_code == 422
    assert words in response.content.decode()


def test_the_unit_that_is_complained_of_is_barred(cast):
    response = sign_in(cast.clerk).post(
        "/cases/new/", walk_in(**{"accused-about": "LISTED", "accused-unit": "鲁山县公安局"})
    )

    assert response.status_code == 302
    assert Bar.objects.get().organisation == cast.police


def about_the_station(cast):
    return walk_in(**{"accused-about": "LISTED", "accused-unit": cast.station.name})


def test_a_complaint_about_her_own_station_leaves_her_the_slip_and_nothing_more(cast, clock):
    clerk, typed = sign_in(cast.clerk), about_the_station(cast)
    IntakeDraft.objects.create(
        staff=cast.clerk, submission=typed["submission"], answers={}, saved_at=clock.at
    )

    page = clerk.post("/cases/new/", typed)

    case = Case.objects.get()
    assert (page.status_code, case.holder) == (200, cast.county)
    assert case.number in page.content.decode()
    assert case.query_code in page.content.decode()
    assert clerk.get(f"/cases/{case.number}/registered/").status_code == 404
    assert not IntakeDraft.objects.exists()
    assert Access.objects.filter(case=case, staff=cast.clerk, fields="QUERY_CODE").count() == 1
    # An impatient second press shows it again, an hour later nothing does.
    assert case.query_code in clerk.post("/cases/new/", typed).content.decode()
    clock.at += timedelta(hours=1)
    late = clerk.post("/cases/new/", typed).content.decode()
    assert (case.query_code in late, "早些时候已经保存" in late) == (False, True)
    assert Case.objects.count() == 1


def test_the_slip_is_not_shown_to_a_colleague_who_sends_the_same_page(cast, clock):
    typed = about_the_station(cast)
    sign_in(cast.clerk).post("/cases/new/", typed)

    page = sign_in(cast.clerk2).post("/cases/new/", typed | {"desk": str(cast.clerk2.pk)})

    assert Case.objects.get().query_code not in page.content.decode()


def test_her_own_sister_is_not_named_as_the_reason(cast):
    declare(cast.clerk, name="别名", id_number=ID_NUMBER)

    page = sign_in(cast.clerk).post("/cases/new/", walk_in(**{"petitioner-id_number": ID_NUMBER}))

    assert page.status_code == 200
    words = page.content.decode()
    assert "按回避规定，这件不由您办理，已经交给负责人接办" in words
    assert ID_NUMBER not in words


# -- whoever watches over something, or is let into a sealed case ------------------------------------


def test_a_namesake_who_would_keep_a_monitor_is_asked_about(cast, clock):
    found = watching.letter(cast)
    declare(cast.clerk2, name="祝冬雪")
    declare(cast.head, name="某", id_number=ID_NUMBER)
    clerk, address = sign_in(cast.clerk), reverse("monitor_step", args=[found.pk, "keeper"])
    typed = {"keeper": cast.clerk2.pk, "version": found.version, "content": ""}

    offered = clerk.get(address).context["form"].fields["keeper"].queryset
    silent = clerk.post(address, typed)
    refused = clerk.post(address, typed | {"conflict": "RELATED"})
    done = clerk.post(address, typed | {"conflict": "NONE"})

    assert cast.head not in offered
    assert (silent.status_code, refused.status_code, done.status_code) == (422, 422, 302)
    assert "郭小满与当事人有无利害关系" in silent.content.decode()
    found.refresh_from_db()
    assert found.keeper == cast.clerk2
    assert Event.objects.get(case=found.case, step=Step.NO_CONFLICT).facts == {"staff": cast.clerk2.pk}


def test_a_namesake_is_asked_about_where_a_monitor_is_opened(cast, clock):
    case = make_case(cast, "HANDLING", involves_dv=True)
    declare(cast.clerk2, name="祝冬雪")
    clerk, address = sign_in(cast.clerk), reverse("monitor_open", args=[case.number, "warning-letter"])
    typed = {"delivered_on": "2026-11-16", "keeper": cast.clerk2.pk}

    silent = clerk.post(address, typed)
    done = clerk.post(address, typed | {"conflict": "NONE"})

    assert "郭小满与当事人有无利害关系" in silent.content.decode()
    assert (silent.status_code, done.status_code) == (422, 302)
    assert case.monitors.get().keeper == cast.clerk2
    assert case.events.filter(step=Step.NO_CONFLICT).count() == 1


def test_what_is_refused_leaves_no_answer_behind(cast, clock):
    case = make_case(cast, "HANDLING", involves_dv=True)
    found = watching.letter(cast, case)
    declare(cast.clerk2, name="祝冬雪")
    typed = {"keeper": cast.clerk2.pk, "version": found.version, "content": "", "conflict": "NONE"}
    bar_person(case, cast.clerk2, kind=BarKind.BLOCKED, reason="邻居", by=cast.officer, at=LATER)

    answer = sign_in(cast.clerk).post(reverse("monitor_step", args=[found.pk, "keeper"]), typed)

    assert answer.status_code in (409, 422)
    assert not case.events.filter(step=Step.NO_CONFLICT).exists()


def test_a_namesake_who_would_read_a_sealed_case_is_asked_about(cast, clock):
    case = make_case(cast, "HANDLING", involves_minor=True)
    seal_case(case, by=cast.clerk, at=MONDAY)
    declare(cast.officer, name="祝冬雪")
    leader, address = sign_in(cast.leader), url(case, "name-reader")
    typed = {"reader": cast.officer.pk, "reason": "协助办理"}

    silent = leader.post(address, typed)
    done = leader.post(address, typed | {"conflict": "NONE"})

    assert (silent.status_code, done.status_code) == (422, 302)
    assert "曾权益与当事人有无利害关系" in silent.content.decode()
    assert case.readers.filter(staff=cast.officer, until_at=None).exists()
    assert case.events.filter(step=Step.NO_CONFLICT).count() == 1
    assert "conflict" not in leader.get(url(case, "end-reader")).context["form"].fields
