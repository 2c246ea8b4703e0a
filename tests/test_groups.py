"""What is costly to prepare is prepared once: tests marked as one group are run by one worker."""

import pytest


@pytest.mark.xdist_group("together")
def test_a_group_is_known_to_the_scheduler(request: pytest.FixtureRequest) -> None:
    """A pytest that the scheduler does not know drops the groups in silence, and everything is prepared twice."""
    scheduled = request.config.getoption("loadgroup", default=False)

    assert not scheduled or request.node.nodeid.endswith("@together")
