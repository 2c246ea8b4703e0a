"""What weiquan.js adds, in a real Chromium under the real content security policy; the pages live in memory."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect, sync_playwright

from weiquan.launcher.browser import chromium as chromium_program

pytestmark = pytest.mark.browser

STATIC = Path(settings.BASE_DIR) / "static"
SCRIPTS = {
    "/weiquan.js": (STATIC / "js/weiquan.js").read_text(encoding="utf-8"),
    "/public.js": (STATIC / "js/public.js").read_text(encoding="utf-8"),
    "/htmx.js": (STATIC / "vendor/htmx/htmx.min.js").read_text(encoding="utf-8"),
}
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; form-action 'self'"
CONFIG = """<meta name="htmx-config" content='{"includeIndicatorCSS":false,"noSwap":[204,304,"5xx"]}'>"""
FRAME = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">{config}
<script src="/htmx.js" defer></script><script src="/weiquan.js" defer></script></head>
<body><div id="messages"></div>{body}</body></html>"""
TOKEN = '<input type="hidden" name="csrfmiddlewaretoken" value="tok">'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = chromium_program()
    assert found, "conftest skips these tests, or fails, where there is none"
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=quiet)
        yield browser
        browser.close()


class Site:
    """Answers the browser from memory, and keeps what it posted."""

    def __init__(self, context: BrowserContext) -> None:
        self.pages: dict[str, str] = {}
        self.posts: list[Request] = []
        self.status = 200
        self.complaints: list[str] = []
        context.route("**/*", self.answer)
        self.page: Page = context.new_page()
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def answer(self, route: Route) -> None:
        address = "/" + route.request.url.split("/", 3)[3]
        if route.request.method == "POST":
            self.posts.append(route.request)
            route.fulfill(
                status=self.status, body="<p id='answer'>好了</p>", content_type="text/html; charset=utf-8"
            )
        elif address.endswith(".js"):
            route.fulfill(body=SCRIPTS[address], content_type="text/javascript; charset=utf-8")
        else:
            body = FRAME.format(config=CONFIG, body=self.pages.get(address, ""))
            route.fulfill(
                body=body,
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": POLICY},
            )

    def open(self, body: str) -> Page:
        self.pages["/here"] = body
        self.page.goto("http://weiquan.test/here")
        return self.page


@pytest.fixture
def site(chromium: Browser) -> Iterator[Site]:
    context = chromium.new_context(locale="zh-CN")
    yield Site(context)
    context.close()


def test_form_goes_out_once_and_keeps_the_name_of_its_button(site):
    page = site.open(
        f"<form method='post' action='/save'>{TOKEN}<button name='step' value='accept'>受理</button></form>"
    )
    page.evaluate(
        "document.addEventListener('submit', event => setTimeout(() => event.target.requestSubmit(), 5))"
    )
    with page.expect_navigation():
        page.click("button")

    assert [parse_qs(post.post_data)["step"] for post in site.posts] == [["accept"]]


def test_button_says_that_it_is_sending_and_recovers_on_return(site):
    page = site.open(f"<form method='post' action='/save'>{TOKEN}<button>受理</button></form>")
    page.evaluate("document.addEventListener('submit', event => event.preventDefault())")
    page.click("button")
    expect(page.locator("button")).to_have_text("正在提交…")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    expect(page.locator("button")).to_have_text("受理")
    expect(page.locator("form")).not_to_have_attribute("data-sent", "1")


def test_block_shows_for_its_answers_and_asks_for_nothing_while_hidden(site):
    page = site.open(
        """<form><select name="channel"><option value="VISIT">来访<option value="LETTER">来信</select>
        <div id="block" data-show-when="channel=LETTER|ONLINE"><input id="inner" required></div></form>"""
    )
    expect(page.locator("#block")).to_be_hidden()
    assert page.evaluate("document.getElementById('inner').required") is False

    page.select_option("select", "LETTER")

    expect(page.locator("#block")).to_be_visible()
    assert page.evaluate("document.getElementById('inner').required") is True


def test_block_with_an_error_stays_in_sight(site):
    page = site.open(
        """<form><input name="a"><div id="block" data-show-when="a=1"><input aria-invalid="true"></div></form>"""
    )

    expect(page.locator("#block")).to_be_visible()


def test_draft_is_posted_when_changed_and_only_then(site):
    page = site.open(
        f"""<form method='post' data-guard data-autosave='/draft'>{TOKEN}<input name='story' id='story'>
        <span data-autosave-status></span></form>"""
    )
    page.clock.install()
    page.reload()
    page.clock.run_for(9000)
    unchanged = len(site.posts)
    page.fill("#story", "昨天")
    page.clock.run_for(4500)
    expect(page.locator("[data-autosave-status]")).to_contain_text("草稿已保存")
    page.clock.run_for(9000)

    assert unchanged == 0
    assert [parse_qs(post.post_data)["story"] for post in site.posts] == [["昨天"]]
    assert site.posts[0].headers["x-csrftoken"] == "tok"


def test_draft_that_fails_is_tried_again(site):
    site.status = 503
    page = site.open(
        f"<form method='post' data-autosave='/draft'>{TOKEN}<input name='a' id='a'><span data-autosave-status></span></form>"
    )
    page.clock.install()
    page.reload()
    page.fill("#a", "1")
    page.clock.run_for(4500)
    expect(page.locator("[data-autosave-status]")).to_have_text("草稿暂未保存，网络恢复后会再试")
    site.status = 200
    page.clock.run_for(4500)

    expect(page.locator("[data-autosave-status]")).to_contain_text("草稿已保存")
    assert len(site.posts) == 2


def test_leaving_a_changed_form_asks_first(site):
    asked = []
    page = site.open("<form data-guard><input id='a'></form><a href='/away'>走</a>")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#a").press_sequentially("字")
    page.click("a")
    page.wait_for_url("**/away")

    assert asked == ["beforeunload"]


def test_part_is_swapped_with_the_token_and_without_a_complaint(site):
    page = site.open(
        f"{TOKEN}<button hx-post='/reveal' hx-target='#place'>查看</button><div id='place'></div>"
    )
    page.click("button")

    expect(page.locator("#answer")).to_have_text("好了")
    assert site.posts[0].headers["x-csrftoken"] == "tok"
    assert site.complaints == []


def test_failed_part_is_told_and_leaves_the_page_alone(site):
    site.status = 500
    page = site.open(
        f"{TOKEN}<button hx-post='/reveal' hx-target='#place'>查看</button><div id='place'>原样</div>"
    )
    page.click("button")

    expect(page.locator("#messages")).to_contain_text("没有成功")
    expect(page.locator("#place")).to_have_text("原样")


def test_quick_exit_leaves_nothing_to_go_back_to(site):
    page = site.open(
        "<script src='/public.js'></script><p>查询</p><a href='http://elsewhere.test/' data-quick-exit='http://elsewhere.test/'>快速离开</a>"
    )
    before = page.evaluate("history.length")
    page.click("a")
    page.wait_for_url("http://elsewhere.test/")

    assert page.evaluate("history.length") == before


def test_error_summary_puts_the_cursor_into_the_field(site):
    page = site.open(
        """<div class="wq-errors"><a href="#id_sex">性别</a></div>
        <div class="wq-field"><div id="id_sex"><input type="radio" name="sex" id="id_sex_0"></div></div>"""
    )
    page.click(".wq-errors a")

    assert page.evaluate("document.activeElement.id") == "id_sex_0"


def test_menu_closes_on_escape_and_gives_the_focus_back(site):
    page = site.open(
        "<details data-menu><summary>张晓梅</summary><a href='/me' id='me'>我的设置</a></details>"
    )
    page.click("summary")
    expect(page.locator("#me")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#me")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_printing_opens_the_folds_and_closes_them_again(site):
    page = site.open("<details class='wq-fold'><summary>转办</summary><p id='inside'>一件</p></details>")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#inside")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    expect(page.locator("#inside")).to_be_hidden()
