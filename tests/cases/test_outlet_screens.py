"""The system administrator's pages: ways out, what would not go out; and what its recipient reads of a sending."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions.outlets import NameTaken, add_outlet, change_outlet, give_up, send_again, switch_outlet
from cases.choices import DeliveryStatus, NoticeKind, OutletKind
from cases.dispatch import TRIES
from cases.models import Delivery, Notice, Outlet
from cases.notifications import announce
from tests.cases.endpoints import Endpoint
from tests.cases.pages import as_, words
from tests.cast import MONDAY
from tests.factories import make_case

KEY = "693a91f6-0001-4bc4-97a0-0ec2d1fa5aaa"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
SECRET = "a-secret-of-both-sides"


@pytest.fixture
def endpoint(settings):
    settings.OUTLETS_ALLOW_PRIVATE = True
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def admin(cast, clock):
    return as_(cast.sys_admin)


def outlet_at(cast, kind=OutletKind.WECOM, address=WECOM, secret="", name="权益部工作群", unit="station"):
    return add_outlet(getattr(cast, unit), kind, name, address, secret, by=cast.sys_admin, at=MONDAY)


def dead(cast, count=1, outlet=None, kind=OutletKind.MAIL):
    """Deliveries that were tried to the end, each of a notice of its own."""
    case = make_case(cast)
    for _ in range(count):
        notice = Notice.objects.create(recipient=cast.clerk, kind=NoticeKind.ASSIGNED, case=case, at=MONDAY)
        Delivery.objects.create(
            notice=notice,
            outlet=outlet,
            kind=outlet.kind if outlet else kind,
            status=DeliveryStatus.DEAD,
            tries=TRIES,
            error="HTTP 503",
        )
    return case


# -- ways out -------------------------------------------------------------------------------------


def test_a_robot_is_entered_and_never_shown_again(admin, cast):
    page = admin.post(
        reverse("outlet_new"),
        {"organisation": cast.station.pk, "kind": "WECOM", "name": "工作群", "address": WECOM, "secret": ""},
        follow=True,
    )

    outlet = Outlet.objects.get()
    assert (outlet.address, outlet.organisation, outlet.made_by) == (WECOM, cast.station, cast.sys_admin)
    for shown in (page, admin.get(reverse("outlets")), admin.get(reverse("outlet_edit", args=[outlet.pk]))):
        assert KEY[:-4] not in shown.content.decode()
        assert "工作群" in words(shown)
    assert "qyapi.weixin.qq.com/••••5aaa" in words(admin.get(reverse("outlets")))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"address": "https://example.org/"}, "这不是企业微信群机器人的地址"),
        ({"kind": "WEBHOOK", "address": "https://10.0.0.1/"}, "OUTLETS_ALLOW_PRIVATE"),
        ({"kind": "SMS", "address": "https://93.184.215.14/"}, "短信网关要有签名密钥"),
        ({"kind": "SMS", "address": "https://93.184.215.14/", "secret": "short"}, "至少16个字符"),
        ({"kind": "MAIL", "address": "nobody"}, "电子邮箱不对"),
        ({"kind": ""}, "渠道"),
        ({"address": ""}, "地址"),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(admin, cast, settings, changed, complaint):
    settings.OUTLETS_ALLOW_PRIVATE = False
    typed = {"organisation": cast.station.pk, "kind": "WECOM", "name": "工作群", "address": WECOM} | changed

    page = admin.post(reverse("outlet_new"), typed)

    assert page.status_code == 422
    assert complaint in words(page)
    assert f'value="{typed["address"]}"' in page.content.decode() or not typed["address"]
    assert not Outlet.objects.exists()


def test_a_name_is_used_once_a_unit_and_kind(admin, cast):
    outlet_at(cast, name="一")
    other = outlet_at(cast, name="二")
    typed = {"organisation": cast.station.pk, "kind": "WECOM", "name": "一", "address": WECOM}

    created = admin.post(reverse("outlet_new"), typed)
    renamed = admin.post(reverse("outlet_edit", args=[other.pk]), {"name": "一"})

    assert [created.status_code, renamed.status_code] == [422, 422]
    assert "已有同一种、同名的渠道" in words(created)
    assert Outlet.objects.count() == 2
    with pytest.raises(NameTaken):
        change_outlet(Outlet.objects.get(name="二"), "一", "", "", by=cast.sys_admin, at=MONDAY)


def test_an_empty_address_and_secret_keep_what_is_stored(admin, cast):
    outlet = outlet_at(cast, OutletKind.SMS, "https://93.184.215.14/sms", SECRET)

    admin.post(reverse("outlet_edit", args=[outlet.pk]), {"name": "网关", "address": "", "secret": ""})

    outlet = Outlet.objects.get()
    assert (outlet.name, outlet.address, outlet.secret) == ("网关", "https://93.184.215.14/sms", SECRET)


def test_another_address_and_secret_replace_them(admin, cast):
    outlet = outlet_at(cast, OutletKind.SMS, "https://93.184.215.14/sms", SECRET)
    typed = {"name": "网关", "address": "https://93.184.215.15/sms", "secret": SECRET[::-1]}

    admin.post(reverse("outlet_edit", args=[outlet.pk]), typed)

    outlet = Outlet.objects.get()
    assert (outlet.address, outlet.secret) == (typed["address"], typed["secret"])
    typed["secret"] = "short"
    assert admin.post(reverse("outlet_edit", args=[outlet.pk]), typed).status_code == 422


def test_an_outlet_is_switched_off_and_on(admin, cast):
    outlet = outlet_at(cast)
    states = []
    for _ in range(2):
        admin.post(reverse("outlet_switch", args=[outlet.pk]))
        states.append(Outlet.objects.get().active)
        announce(NoticeKind.ASSIGNED, make_case(cast), [cast.clerk], at=MONDAY)
        states.append(Delivery.objects.filter(notice__kind=NoticeKind.ASSIGNED).count())

    assert states == [False, 0, True, 1]


@pytest.mark.parametrize(
    ("mood", "said"),
    [(200, "对方已收下"), (500, "没有发出去：对方返回 HTTP 500"), ("reset", "没有发出去：连不上对方")],
)
def test_trying_an_outlet_says_how_it_went(admin, cast, endpoint, mood, said):
    outlet = outlet_at(cast, OutletKind.WEBHOOK, endpoint.url)
    make_case(cast)
    endpoint.mood = mood

    page = admin.post(reverse("outlet_try", args=[outlet.pk]), follow=True)

    assert said in words(page)
    ((_, body, *_),) = endpoint.requests
    assert body["message"] == "维权系统试发：收到这一条，说明渠道“权益部工作群”已经接通。"


def test_a_text_message_is_tried_on_ones_own_telephone(admin, cast, endpoint):
    outlet = outlet_at(cast, OutletKind.SMS, endpoint.url, SECRET)

    assert "请先在“我的设置”里填手机号" in words(
        admin.post(reverse("outlet_try", args=[outlet.pk]), follow=True)
    )
    cast.sys_admin.mobile = "13900000009"
    cast.sys_admin.save()
    admin.post(reverse("outlet_try", args=[outlet.pk]))

    assert [body["to"] for body in endpoint.taken] == ["13900000009"]


def test_no_outlet_there(admin):
    assert "还没有渠道" in words(admin.get(reverse("outlets")))
    address = reverse("outlet_edit", args=["01890000-0000-7000-8000-000000000000"])
    assert admin.get(address).status_code == 404


# -- what would not go out ------------------------------------------------------------------------


def test_the_list_names_kind_unit_and_way_but_neither_case_nor_person(admin, cast):
    case = dead(cast, outlet=outlet_at(cast))
    dead(cast)
    Delivery.objects.create(
        notice=Notice.objects.latest("pk"),
        outlet=outlet_at(cast, name="二"),
        kind=OutletKind.WECOM,
        status=DeliveryStatus.SENT,
        sent_at=MONDAY,
    )

    page = admin.get(reverse("deliveries"))
    said = words(page)

    for word in (
        "交给您承办",
        cast.station.name,
        "企业微信群机器人（权益部工作群）",
        "24次",
        "对方返回 HTTP 503",
    ):
        assert word in said
    # Two waiting: both registrations are on their way to the group.
    assert (page.context["dead"], page.context["sent"], page.context["waiting"]) == (2, 1, 2)
    body = page.content.decode()
    assert not [word for word in (case.number, cast.clerk.name, cast.clerk.email, KEY) if word in body]


def test_the_list_is_paged_in_a_constant_number_of_queries(
    admin, cast, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("cases.views.outlets.PAGE", 3)
    dead(cast, count=7)
    seen, address = [], reverse("deliveries")
    while address:
        # Three of them are the idle lock: how long it waits, and once a minute the mark that she is here.
        with django_assert_max_num_queries(11):
            page = admin.get(address)
        seen += [row["pk"] for row in page.context["rows"]]
        last = page.context["next_before"]
        address = f"{reverse('deliveries')}?before={last}" if last else ""

    assert seen == sorted(Delivery.objects.values_list("pk", flat=True), reverse=True)


def states():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def test_chosen_ones_are_sent_again(admin, cast):
    dead(cast, count=3)
    middle = Delivery.objects.order_by("pk")[1]

    admin.post(reverse("deliveries_act"), {"do": "again", "pk": middle.pk, "which": "ticked"})

    middle.refresh_from_db()
    assert states() == ["DEAD", "WAITING", "DEAD"]
    assert (middle.tries, middle.next_at is not None) == (0, True)


def test_chosen_ones_are_given_up(admin, cast):
    dead(cast, count=2)
    first = Delivery.objects.earliest("pk")

    admin.post(reverse("deliveries_act"), {"do": "give-up", "pk": first.pk, "which": "ticked"})

    assert states() == ["GIVEN_UP", "DEAD"]


@pytest.mark.parametrize(("do", "then"), [("again", "WAITING"), ("give-up", "GIVEN_UP")])
def test_all_at_once(admin, cast, do, then):
    dead(cast, count=3)

    admin.post(reverse("deliveries_act"), {"do": do, "which": "all"})

    assert states() == [then] * 3


@pytest.mark.parametrize("typed", [{"do": "again"}, {"do": "give-up", "pk": "x"}, {"which": "all"}, {}])
def test_nothing_chosen_changes_nothing(admin, cast, typed):
    dead(cast)

    admin.post(reverse("deliveries_act"), typed)

    assert states() == ["DEAD"]


def test_only_dead_ones_of_an_outlet_in_use_are_sent_again(cast):
    outlet = outlet_at(cast)
    dead(cast, outlet=outlet)
    switch_outlet(outlet, active=False, by=cast.sys_admin, at=MONDAY)

    assert send_again(None, at=MONDAY) == 0
    assert give_up(None) == 1
    assert send_again(None, at=MONDAY) == 0


# -- the recipient --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("MAIL", {"status": "SENT", "sent_at": MONDAY + timedelta(minutes=92)}, "邮件 已发送 11月16日 10:32"),
        ("SMS", {"next_at": MONDAY}, "短信 待发送"),
        ("MAIL", {"next_at": MONDAY + timedelta(hours=23.5), "digest": True}, "邮件 11月17日 08:30汇总发出"),
        ("MAIL", {"next_at": MONDAY, "digest": True, "tries": 1}, "邮件 待发送"),
        ("MAIL", {"status": "DEAD"}, "邮件 没有发出"),
        ("SMS", {"status": "GIVEN_UP"}, "短信 没有发出"),
        ("WECOM", {"status": "SENT", "sent_at": MONDAY}, ""),
    ],
)
def test_an_inbox_tells_how_each_notice_left(cast, clock, kind, changes, said):
    make_case(cast)
    notice = Notice.objects.create(recipient=cast.officer, kind=NoticeKind.ASSIGNED, at=MONDAY)
    outlet = None if kind == "MAIL" else outlet_at(cast, OutletKind(kind), "https://93.184.215.14/", SECRET)
    Delivery.objects.create(notice=notice, outlet=outlet, kind=kind, **changes)

    shown = words(as_(cast.officer).get(reverse("inbox")))

    assert said in shown
    assert bool(said) == ("邮件" in shown or "短信" in shown)
