"""The page she opens at home: few words, no trace, no guessing, and her own word on our work."""

import re
from datetime import timedelta
from threading import Barrier, Thread
from unittest.mock import ANY
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import closure, handling
from cases.actions.guarding import progress
from cases.actions.guarding.progress import TRIES_A_NUMBER, TRIES_AN_ADDRESS, WORDS
from cases.choices import NewCodeReason, NoticeKind, ReopenGround, Satisfaction, SecretLevel, Status, Step
from cases.models import Access, Case, Closure, Event, Notice, PublicTry, Rating
from cases.workflow import StepNotAllowed
from tests.cases.pages import LATER, as_, words
from tests.cast import MONDAY
from tests.factories import DEMAND, FACTS, make_case

DAY = timedelta(days=1)
GOOD = {"satisfaction": Satisfaction.SATISFIED}


def outside(address: str = "") -> Client:
    """A telephone somewhere: no login, CSRF checked as in life, an origin that the page hides."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=address or f"phone-{uuid4()}", HTTP_ORIGIN="null")


def ask(case, client=None, **typed):
    told = {"number": case.number, "code": case.query_code} | typed
    return (client or outside()).post(reverse("progress"), told)


def ticket_on(page) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', page.content.decode())[1]


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_word_that_says_little(status):
    assert WORDS[status] in ("已登记", "正在办理", "已答复", "已办结", "请联系接待您的人")


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("REGISTERED", "已登记"),
        ("HANDLING", "正在办理"),
        ("SUSPENDED", "正在办理"),
        ("PENDING_CLOSE", "正在办理"),
        ("NOT_ACCEPTED", "已答复"),
        ("CLOSED", "已办结"),
    ],
)
def test_the_answer_is_a_word_and_a_day(cast, clock, status, word):
    case = make_case(cast, status)

    page = ask(case)

    assert page.status_code == 200
    assert f"进度 {word} 更新 2026年11月1" in words(page)


def test_nothing_on_the_page_tells_what_it_is(cast, clock):
    case = make_case(cast, "CLOSED", involves_dv=True)

    for page in (outside().get(reverse("progress")), ask(case), ask(case, code="00000000")):
        text = page.content.decode()
        said = (cast.station.name, cast.county.name, cast.clerk.name, cast.station.phone, FACTS, DEMAND)
        for word in (*said, "维权", "妇", "家暴", "信访", "案", "12338", "祝"):
            assert word not in text, word
        assert "<title>便民服务</title>" in text
        assert case.query_code not in text


def test_merged_and_void_say_the_same_and_not_why(cast, clock):
    merged, void = make_case(cast, "HANDLING"), make_case(cast, "VOID")
    handling.merge_case(merged, into=make_case(cast), reason="重复登记", by=cast.head, at=LATER)

    pages = [words(ask(Case.objects.get(pk=case.pk))) for case in (merged, void)]

    assert all("请联系接待您的人" in page for page in pages)
    assert not [page for page in pages if "并" in page or "废" in page or "重复" in page]


def test_headers_leave_no_trace(cast, clock):
    for page in (outside().get(reverse("progress")), ask(make_case(cast)), outside().get(reverse("away"))):
        assert page["Cache-Control"] == "no-store"
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert not page.cookies


def test_a_wrong_number_and_a_wrong_code_are_one_answer_and_one_amount_of_work(cast, clock):
    case = make_case(cast)
    pages, queries = [], []
    for typed in ({"code": "00000000"}, {"number": "410423101-2026-F-09999"}, {"number": "随便"}):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            pages.append(ask(case, **typed))
        queries.append(["cases_case" in query["sql"] for query in asked])

    assert {page.status_code for page in pages} == {422}
    bare = {re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages}
    assert len(bare) == 1
    assert "编号和查询码对不上" in words(pages[0])
    assert queries[0] == queries[1] == queries[2]
    assert queries[0].count(True) == 1


def test_a_missing_number_still_opens_a_seal(cast, monkeypatch):
    opened = []
    monkeypatch.setattr(Case, "open_sealed", lambda *args: opened.append(args[0]) or "12345678")

    progress._other_seal.cache_clear()  # made once in the life of a process

    assert progress.look_up("410423101-2026-F-09999", "12345678") is None
    assert opened == ["query_code"]


@pytest.mark.parametrize("spell", [str.lower, lambda n: n.replace("-", ""), lambda n: n.replace("-", " － ")])
def test_the_number_is_read_however_it_is_typed(cast, clock, spell):
    case = make_case(cast)

    assert ask(case, number=spell(case.number), code=" ".join(case.query_code)).status_code == 200


def test_tries_of_a_number_run_out_and_say_nothing_of_it(cast, clock):
    case = make_case(cast)
    unknown = "410423101-2026-F-09999"
    for _ in range(TRIES_A_NUMBER):
        ask(case, code="00000000")
        ask(case, number=unknown)

    locked, nobody = ask(case), ask(case, number=unknown)

    assert (locked.status_code, nobody.status_code) == (429, 429)
    assert locked["Retry-After"] == "3600"
    bare = {re.sub(r'value="[^"]*"', "", page.content.decode()) for page in (locked, nobody)}
    assert len(bare) == 1
    clock.at = LATER + timedelta(hours=1)
    assert ask(case).status_code == 200


def test_another_spelling_is_no_other_number(cast, clock):
    case = make_case(cast)
    for _ in range(TRIES_A_NUMBER // 2):
        ask(case, code="00000000")
        ask(case, number=case.number.replace("-", ""), code="00000000")

    assert ask(case).status_code == 429


def test_tries_of_an_address_run_out(cast, clock):
    client = outside("one telephone")
    case = make_case(cast)
    PublicTry.objects.update_or_create(
        key=progress.blind_index("public address", "one telephone"),
        defaults={"since_at": LATER, "tries": TRIES_AN_ADDRESS - 1},
    )

    assert ask(case, client).status_code == 200
    assert ask(case, client).status_code == 429
    assert ask(case).status_code == 200


def test_tries_are_counted_without_a_cache(cast, clock, settings):
    """As with Redis stopped: the address of the cache leads nowhere, and nothing asks it."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/valkey.sock"}}
    case = make_case(cast)

    answers = [ask(case, code="00000000").status_code for _ in range(TRIES_A_NUMBER + 1)]

    assert answers == [422] * TRIES_A_NUMBER + [429]
    assert outside().get(reverse("progress")).status_code == 200


def test_two_tries_at_once_are_two(live_cast, clock):
    start, counted = Barrier(4), []

    def one():
        start.wait()
        counted.append(PublicTry.objects.one_more(b"k" * 16, at=LATER, within=DAY))
        connection.close()

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counted) == [1, 2, 3, 4]


def test_tries_are_keyed_digests_and_dropped(cast, clock):
    case = make_case(cast)
    ask(case, outside("10.1.2.3"))

    kept = b"".join(bytes(key) for key in PublicTry.objects.values_list("key", flat=True))
    assert case.number.encode() not in kept
    assert b"10.1.2.3" not in kept
    PublicTry.objects.drop_before(LATER)
    assert PublicTry.objects.count() == 2
    PublicTry.objects.drop_before(LATER + DAY)
    assert not PublicTry.objects.exists()


def test_asking_is_written_down_as_hers(cast, clock):
    case = make_case(cast)
    ask(case, code="00000000")
    assert not Access.objects.filter(case=case).exists()

    ask(case)

    access = Access.objects.get(case=case)
    assert (access.staff, access.unit, access.fields, access.in_line) == (None, None, "QUERY_CODE", True)
    page = words(as_(cast.clerk).get(reverse("accesses", args=[case.number])))
    assert "信访人（凭查询码）" in page
    assert "本人查询" in page
    assert "信访人（凭查询码）" in words(
        as_(cast.audit_admin).get(reverse("audit") + "?number=" + case.number)
    )


def test_work_inside_moves_no_date(cast, clock):
    """Or whoever has the code could read on which days we were busy with it."""
    case = make_case(cast, "HANDLING")
    before = progress.progress_of(case, at=LATER)
    handling.suspend_case(case, ground="JUDGMENT", evidence="等判决", by=cast.head, at=MONDAY + 5 * DAY)

    assert progress.progress_of(case, at=MONDAY + 6 * DAY).changed_on == before.changed_on


def test_a_sealed_case_answers_like_any_other(cast, clock):
    case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(secrecy=SecretLevel.MINOR_SEALED)

    assert "已登记" in words(ask(case))


# A new code


def test_a_new_code_kills_the_old_one_at_once(cast, clock):
    case = make_case(cast, "CLOSED")
    old, ticket = case.query_code, ticket_on(ask(case))

    answer = as_(cast.clerk).post(
        reverse("case_step", args=[case.number, "new-code"]), {"reason": NewCodeReason.SEEN}, follow=True
    )

    assert "旧的已失效" in words(answer)
    case = Case.objects.get(pk=case.pk)
    assert case.query_code != old
    assert ask(case, code=old).status_code == 422
    assert ask(case).status_code == 200
    assert outside().post(reverse("progress_rate"), {"ticket": ticket, **GOOD}).status_code == 410
    event = Event.objects.get(case=case, step=Step.NEW_CODE)
    assert (event.by, event.facts) == (cast.clerk, {"reason": "SEEN"})


def test_the_slip_says_where_to_look_and_not_what(cast, clock, settings):
    settings.PUBLIC_URL = "https://bm.example.cn"
    case = make_case(cast)

    slip = words(as_(cast.clerk).get(reverse("slip", args=[case.number])))

    assert "bm.example.cn/q/" in slip
    assert case.query_code in slip


# Her word


def test_she_rates_once_a_round_and_her_words_are_sealed(cast, clock):
    case = make_case(cast, "CLOSED")
    page = ask(case)
    typed = {"ticket": ticket_on(page), "satisfaction": "DISSATISFIED", "words": "没有人回我电话"}

    done = outside().post(reverse("progress_rate"), typed)

    assert "您的评价已收到" in words(done)
    rating = Rating.objects.get()
    assert (rating.satisfaction, rating.partner_satisfaction, rating.words, rating.round_no) == (
        "DISSATISFIED", "NOT_RATED", "没有人回我电话", 1,
    )  # fmt: skip
    event = Event.objects.get(case=case, step=Step.RATE)
    assert (event.by, event.facts) == (None, {"satisfaction": "DISSATISFIED", "round": 1})
    told = set(
        Notice.objects.filter(kind=NoticeKind.RATED, case=case).values_list("recipient__username", flat=True)
    )
    assert told == {"clerk", "head"}
    assert outside().post(reverse("progress_rate"), typed).status_code == 409
    assert 'name="ticket"' not in ask(case).content.decode()
    assert Closure.objects.get().satisfaction != "DISSATISFIED"


def test_the_line_reads_it_and_the_head_is_asked_to_look_again(cast, clock):
    case = make_case(cast, "CLOSED")
    progress.rate(case, satisfaction=Satisfaction.DISSATISFIED, words="没有人回我电话", at=LATER)
    url = reverse("case", args=[case.number])

    head, clerk = words(as_(cast.head).get(url)), words(as_(cast.clerk).get(url))

    assert "没有人回我电话" in head
    assert "没有人回我电话" in clerk
    assert "信访人评价不满意" in head
    assert "信访人评价不满意" not in clerk
    assert "信访人 信访人评价" in head or "信访人评价" in head
    assert "没有人回我电话" not in words(as_(cast.archivist).get(url))


@pytest.mark.parametrize("said", [GOOD, GOOD | {"partner_satisfaction": Satisfaction.BASICALLY}])
def test_a_good_word_asks_nobody_to_look_again(cast, clock, said):
    case = make_case(cast, "CLOSED")
    progress.rate(case, **said, at=LATER)

    assert "信访人评价不满意" not in words(as_(cast.head).get(reverse("case", args=[case.number])))


def test_a_new_round_is_rated_anew(cast, clock):
    case = make_case(cast, "CLOSED")
    progress.rate(case, **GOOD, at=LATER)
    closure.reopen_case(
        case, ground=ReopenGround.NEW_FACT, reason="又来了", owner=cast.clerk, by=cast.head, at=LATER
    )
    assert progress.why_not_rate(case, at=LATER) == "办理还没有结束，结束后可以评价。"
    with pytest.raises(StepNotAllowed):
        progress.rate(case, **GOOD, at=LATER)


def test_thirty_days_and_not_one_more(cast, clock):
    case = make_case(cast, "CLOSED")
    last = progress.rate_until(case)
    end = MONDAY.replace(year=last.year, month=last.month, day=last.day, hour=23, minute=59)

    assert last == (case.ended_at + 30 * DAY).date()
    assert progress.why_not_rate(case, at=end) == ""
    assert progress.why_not_rate(case, at=end + timedelta(minutes=1)) == progress.TOO_LATE


def test_a_ticket_is_for_a_short_while_and_for_nothing_else(cast, clock, monkeypatch):
    case = make_case(cast, "CLOSED")
    ticket = ticket_on(ask(case))

    assert progress.case_of_ticket(ticket) == case
    assert progress.case_of_ticket(ticket + "x") is None
    monkeypatch.setattr(progress, "TICKET_SECONDS", -1)
    assert progress.case_of_ticket(ticket) is None


def test_a_half_filled_word_comes_back_as_it_was_typed(cast, clock):
    case = make_case(cast, "CLOSED")

    page = outside().post(reverse("progress_rate"), {"ticket": ticket_on(ask(case)), "words": "谢谢你们"})

    assert page.status_code == 422
    assert "谢谢你们" in page.content.decode()
    assert "对接待您的单位 ：请选一项。" in words(page)
    assert ticket_on(page) == ANY


# Leaving


@pytest.mark.parametrize(
    ("target", "leads"), [("https://www.example.com/", "https://www.example.com/"), ("", "/k/")]
)
def test_the_exit_leads_where_the_setting_says(client, db, settings, target, leads):
    settings.EXIT_URL = target

    text = client.get(reverse("progress")).content.decode()

    assert f'href="{leads}" rel="noreferrer nofollow" data-quick-exit="{leads}"' in text


def test_the_calendar_is_a_calendar(client, db, clock):
    page = client.get(reverse("away"))

    assert "2026年11月" in words(page)
    assert "30" in words(page)
    assert "<title>日历</title>" in page.content.decode()


@pytest.mark.parametrize("path", ["/q/nowhere/", "/nowhere/"])
def test_a_page_that_is_not_there_names_nothing(client, db, path):
    page = client.get(path)

    assert page.status_code == 404
    assert "维权" not in page.content.decode()
    assert "<title>便民服务</title>" in page.content.decode()


def test_a_failure_names_nothing(cast, clock, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(PublicTry.objects.__class__, "one_more", fail)
    client = Client(raise_request_exception=False)

    page = client.post(reverse("progress"), {"number": "1", "code": "2"})

    assert page.status_code == 500
    assert "维权" not in page.content.decode()
    assert "系统" not in page.content.decode()
