"""Where she is now, and where a shelter is, stand on no paper and on no page of a department, whatever was ticked."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import referral
from cases.actions.monitors import order
from cases.actions.monitors.order import Wish
from cases.actions.monitors.shelter import open_stay
from cases.choices import ApplyGround, Evidence, ExtractField, ProtectionMeasure
from tests.cases import room
from tests.cases.pages import as_
from tests.cases.supervising import supervised
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral, petitioner, respondent

HERS, HIS, SHELTER = "隐山巷七号顶楼", "隐水街九号院", "静谷庇护所三楼"
LATER = MONDAY + 30 * MINUTE


@pytest.fixture
def marked(cast):
    """A case of violence with all that leaves the house: everything ticked, a link, a supervision, an application."""
    people = (petitioner(address_now=HERS), respondent(address_now=HIS))
    case = make_case(cast, "ACCEPTED", involves_dv=True, parties=people)
    sent = make_referral(cast, "SIGNED", case, ticked=tuple(ExtractField), at=MONDAY + 5 * MINUTE)
    told = {"keeper": cast.clerk, "by": cast.clerk, "at": LATER}
    open_stay(case, entered_at=LATER, place=SHELTER, contact="庇护所张姐", **told)
    wish = Wish(ApplyGround.COERCED, [ProtectionMeasure.NO_DV], "多次殴打", "被看管")
    asked = order.open_application(case, wish=wish, **told)
    order.add_evidence(asked, kind=Evidence.STATEMENT, description="陈述", by=cast.clerk, at=LATER)
    order.file_application(asked, court=cast.court, filed_at=LATER, by=cast.clerk, at=LATER)
    return case, sent, asked


def texts(*clients_and_urls):
    """What each page says; every one of them is there."""
    for client, url in clients_and_urls:
        page = client.get(url)
        assert page.status_code == 200, url
        yield url, page.content.decode()


def test_no_paper_and_no_page_of_a_department_says_where_she_is(cast, marked):
    case, sent, asked = marked
    paper = supervised(cast, referral=sent)
    room.fill_members(cast)
    item = room.screened(cast, case)
    meeting = room.held(cast, [item])
    token = referral.make_link(sent, by=cast.clerk, at=LATER)
    clerk, leader, police = as_(cast.clerk), as_(cast.leader), as_(cast.liaison)
    office = as_(cast.conference)

    pages = list(
        texts(
            (clerk, reverse("slip", args=[case.number])),
            (clerk, reverse("registered", args=[case.number])),
            (clerk, reverse("notice_print", args=[case.number, case.petitioner_notices.get().pk])),
            (clerk, reverse("referral_slip", args=[sent.pk])),
            (clerk, reverse("disclosures_print", args=[case.number])),
            (clerk, reverse("application_print", args=[asked.pk])),
            (clerk, reverse("monitor", args=[case.monitors.get(kind="SHELTER").pk])),
            (clerk, reverse("case", args=[case.number])),
            (clerk, reverse("intake_blank")),
            (leader, reverse("supervision_print", args=[paper.pk, paper.papers.get().pk])),
            (police, reverse("referral", args=[sent.pk])),
            (police, reverse("supervision", args=[paper.pk])),
            (police, reverse("referrals")),
            (office, reverse("meeting_pack", args=[meeting.pk])),
            *((office, reverse("meeting_print", args=[meeting.pk, kind])) for kind in ("notice", "agenda")),
            (Client(), reverse("link_answer", args=[token])),
        )
    )

    found = [
        (url, word) for url, page in pages for word in (HERS, HIS, SHELTER, "庇护所张姐") if word in page
    ]
    assert found == []
    # The papers' address was ticked, and is there: the pages do show the case.
    assert "鲁山县下汤镇假设路一号" in dict(pages)[reverse("referral_slip", args=[sent.pk])]


def test_opened_on_the_screen_it_is_not_printed(cast, marked):
    case, _, _ = marked
    clerk = as_(cast.clerk)
    stay = case.monitors.get(kind="SHELTER")

    opened = (
        (clerk.post(reverse("reveal", args=[case.number]), {"group": "ADDRESS"}), HERS),
        (clerk.post(reverse("reveal", args=[case.number]), {"group": "ADDRESS"}), HIS),
        (clerk.post(reverse("monitor_reveal", args=[stay.pk])), SHELTER),
    )

    for page, word in opened:
        source = page.content.decode()
        assert source.count(word) == 1
        before = source[: source.index(word)]
        assert re.search(r'class="[^"]*wq-noprint[^"]*"(?:(?!</dl>).)*$', before, re.DOTALL), word
