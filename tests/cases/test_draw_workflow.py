"""The page people read about the workflow is drawn from the table the code runs on."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cases.choices import ReferralStatus, ReferralStep, Status, Step
from cases.management.commands import draw_workflow


@pytest.fixture
def page(tmp_path, monkeypatch):
    path = tmp_path / "docs" / "workflow.md"
    monkeypatch.setattr(draw_workflow, "PAGE", path)
    return path


def run(*arguments):
    out = StringIO()
    call_command("draw_workflow", *arguments, stdout=out)
    return out.getvalue()


def test_the_page_in_docs_is_up_to_date():
    assert run("--check") == "docs/workflow.md is up to date.\n"


def test_check_fails_on_a_stale_page_and_changes_nothing(page):
    with pytest.raises(CommandError, match=r"stale. Run: python manage.py draw_workflow"):
        run("--check")
    assert not page.exists()

    assert run() == "Drew docs/workflow.md.\n"
    page.write_text(page.read_text() + "x")
    with pytest.raises(CommandError, match="stale"):
        run("--check")
    assert page.read_text().endswith("x")
    run()
    assert run("--check") == "docs/workflow.md is up to date.\n"


def test_everything_is_on_the_page():
    text = draw_workflow.draw()

    for code in (*Status, *Step, *ReferralStatus, *ReferralStep):
        assert f"| `{code.name}` | {code.label} |" in text
    assert "    HANDLING --> PENDING_CLOSE: 提请结案\n" in text
    assert "    ACCEPTED --> HANDLING: 记录办理情况、转交部门\n" in text
    assert "    VOID --> [*]\n" in text
    assert "    SENT --> WITHDRAWN: 撤回转交、因须回避收回转交\n" in text
    assert "    SIGNED --> WITHDRAWN: 因须回避收回转交\n" in text
    # Steps that lead nowhere else draw no arrow.
    assert "HANDLING --> HANDLING" not in text
