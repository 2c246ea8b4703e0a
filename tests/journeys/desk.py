"""Somebody at her desk: a browser of her own, worked by the words on the screen, every page looked over on the way."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, expect

from tests.factories import DEMAND, FACTS, ID_NUMBER, RESPONDENT_ID_NUMBER, SAFE_PHONE, UNSAFE_PHONE

DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
# What must never stand in a title or an address: both stay in the history of a shared computer.
PERSONAL = (
    "祝冬雪",
    "秦大勇",
    ID_NUMBER,
    RESPONDENT_ID_NUMBER,
    SAFE_PHONE,
    UNSAFE_PHONE,
    FACTS,
    DEMAND,
    "家暴",
    "暴力",
)
# Chromium writes a refused page into the console; the journey expects it by its status.
REFUSED = re.compile(
    r"^Failed to load resource: the server responded with a status of (403|404|409|410|422) "
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll('body *')]
  .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .slice(0, 5).map(element => element.tagName + '.' + element.className)"""
FOCUS = """() => {
  const here = document.activeElement, around = [here, here.nextElementSibling, here.closest('label')];
  const style = element => element ? getComputedStyle(element) : null;
  return {
    words: (here.innerText || here.getAttribute('aria-label') || here.labels?.[0]?.innerText || here.value || '').trim(),
    tag: here.tagName, name: here.getAttribute('name') || '',
    ring: around.map(style).some(s => s && s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0),
    inside: here.getBoundingClientRect().bottom > 0 && here.getBoundingClientRect().top < innerHeight,
  };
}"""


class Desk:
    """`desk.fill("承办人", …)`, `desk.press("受理")`, `desk.reads("已受理")`: what a person does and sees."""

    def __init__(self, context: BrowserContext, address: str, screens: Path | None = None) -> None:
        self.context, self.address, self.screens = context, address, screens
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning") and not REFUSED.match(line.text):
            self.complaints.append(line.text)

    # Going somewhere

    def open(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        self._look(answer, status)

    def log_in(self, username: str, password: str) -> None:
        self.open("/login/")
        self.sign_in(username, password)

    def sign_in(self, username: str, password: str) -> None:
        """Fill in the login page that stands there."""
        self.fill("用户名", username)
        self.fill("密码", password)
        self.press("登录")

    def press(self, words: str, *, status: int = 200) -> None:
        """Press the button that says `words`, and look at the page that comes."""
        self._arrive(self.button(words), status)

    def follow(self, words: str, *, status: int = 200) -> None:
        """Follow the link that says `words`."""
        self._arrive(self.page.get_by_role("link", name=exactly(words)).first, status)

    def follow_within(self, place: str, words: str) -> None:
        """Follow the first link in the part of the page that has this heading and says `words`."""
        part = self.page.locator("section").filter(has=self.page.get_by_role("heading", name=place))
        self._arrive(part.get_by_role("row").filter(has_text=words).get_by_role("link").first, 200)

    def enter(self, *, status: int = 200) -> None:
        """Press Enter where the focus is, and look at the page that comes."""
        with self.page.expect_navigation() as answered:
            self.page.keyboard.press("Enter")
        self._look(answered.value, status)

    def press_twice(self, words: str) -> None:
        """Impatience. The browser drops the first answer for the second, so the page is asked for where it ends."""
        before = self.page.url
        self.button(words).dblclick()
        expect(self.page).not_to_have_url(before)
        self._look(self.page.reload(), 200)

    def _arrive(self, what: Locator, status: int) -> None:
        with self.page.expect_navigation() as answered:
            what.click()
        self._look(answered.value, status)

    def _look(self, answer: Response | None, status: int) -> None:
        """What holds for every page: no complaint in the console, nothing personal outside it, no scrolling sideways."""
        assert answer is not None
        assert answer.status == status, f"{answer.status} for {self.page.url}: {self.words()[:600]}"
        assert self.complaints == []
        title = self.page.title()
        assert title
        assert not [word for word in PERSONAL if word in title + self.page.url], title
        self._fits_a_phone()

    def _fits_a_phone(self) -> None:
        before = self.page.viewport_size
        assert before is not None
        if before != PHONE:
            self.page.set_viewport_size(PHONE)
        too_wide = self.page.evaluate(OVERFLOW)
        assert too_wide <= 0, f"{self.page.url} is {too_wide}px too wide: {self.page.evaluate(WIDEST)}"
        if before != PHONE:
            self.page.set_viewport_size(before)

    # Filling in

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(marked(label)).locator("visible=true").first

    def fill(self, label: str, words: str, *, nth: int = 0) -> None:
        """Type into a field and leave it, as people do: only then does the page know."""
        field = self.page.get_by_label(marked(label)).locator("visible=true").nth(nth)
        field.fill(words)
        field.blur()

    def choose(self, label: str, option: str) -> None:
        """The option of a drop-down list that says `option`."""
        field = self.field(label)
        value = field.locator("option").filter(has_text=option).first.get_attribute("value")
        assert value is not None
        field.select_option(value)

    def tick(self, label: str, *options: str, nth: int = 0) -> None:
        """Options of a group of radio buttons or boxes, by the beginning of what they say."""
        group = self.page.get_by_role("group", name=re.compile("^" + re.escape(label))).nth(nth)
        for option in options:
            group.locator("label").filter(has_text=re.compile(r"^\s*" + re.escape(option))).first.click()

    def tick_box(self, label: str) -> None:
        """One box that stands alone."""
        self.page.locator("label.wq-chip").filter(has_text=label).first.click()

    def answer_scale(self, *so: str) -> None:
        """Every question of the danger scale: yes to those that contain one of these words, no to the others."""
        for question in self.page.locator(".wq-scale__item fieldset").all():
            asked = question.locator("legend").inner_text()
            answer = "有" if any(word in asked for word in so) else "没有"
            question.locator("label").filter(has_text=exactly(answer)).first.click()

    def unfold(self, words: str) -> None:
        self.page.locator("summary").filter(has_text=words).first.click()

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=exactly(words)).first

    # Seeing

    def reads(self, *words: str) -> None:
        for word in words:
            expect(self.page.locator("body")).to_contain_text(word, use_inner_text=True)

    def finds_nowhere(self, *words: str) -> None:
        """Not on the page, not in its folds, not in its hidden fields."""
        source = self.page.content()
        assert not [word for word in words if word in source]

    def typed(self, label: str) -> str:
        return self.field(label).input_value()

    def fact(self, label: str) -> str:
        """The value beside a label of a list of facts."""
        row = self.page.locator("dl > div").filter(has=self.page.locator("dt", has_text=exactly(label)))
        return row.locator("dd").first.inner_text().strip()

    def words(self) -> str:
        return self.page.locator("body").inner_text()

    def offers(self, words: str) -> bool:
        """Whether a button or link with these words is on the page."""
        found = self.button(words).or_(self.page.get_by_role("link", name=exactly(words)))
        return found.count() > 0

    def case_number(self) -> str:
        found = re.search(r"/cases/([^/]+)/", self.page.url)
        assert found, self.page.url
        return found.group(1)

    # The keyboard

    def tab_to(self, words: str, *, most: int = 80) -> None:
        """Press Tab until the focus is on what says `words`; at every stop it must show, and be in sight."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(FOCUS)
            if stop["tag"] == "BODY":
                continue
            if not stop["inside"]:
                self.page.wait_for_timeout(150)  # the browser scrolls a moment after it moves the focus
                stop = self.page.evaluate(FOCUS)
            assert stop["ring"], f"no visible focus on {stop}"
            assert stop["inside"], f"the focus is out of sight on {stop}"
            if words in stop["words"].splitlines()[:1] or words == stop["name"]:
                return
        raise AssertionError(f"{words} is not reached by Tab")

    # Pictures for docs/screens

    def photo(self, name: str, *, phone: bool = False, whole: bool = False) -> None:
        """Keep what is on the screen, when pictures are asked for."""
        if self.screens is None:
            return
        if phone:
            self.page.set_viewport_size(PHONE)
        self.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        self.page.screenshot(path=self.screens / f"{name}.png", full_page=whole, animations="disabled")
        if phone:
            self.page.set_viewport_size(DESKTOP)


def press_together(one: Desk, other: Desk, words: str) -> tuple[int, int]:
    """Two people press the same button at the same moment; with what status each page came back."""
    with one.page.expect_navigation() as first, other.page.expect_navigation() as second:
        for desk in (one, other):
            desk.button(words).dispatch_event("click")
    assert one.complaints == other.complaints == []
    return first.value.status, second.value.status


def exactly(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}\s*$")


def marked(label: str) -> re.Pattern[str]:
    """A label as it stands on the page: with the mark of a field that must be filled in, or without."""
    return re.compile(rf"^\s*{re.escape(label)}(\*（必填）)?\s*$")
