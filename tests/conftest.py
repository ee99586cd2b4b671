"""What holds for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.fakes.site import Site

# A busy machine makes an example slow, not wrong: tests here are never timed.
settings.register_profile("hotline", deadline=None)
settings.load_profile("hotline")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Show what the programs of a site said last beside the test that failed with them."""
    report = yield
    if report.when == "call" and report.failed:
        for name, fixture in getattr(item, "funcargs", {}).items():
            if isinstance(fixture, Site):
                report.sections.append((f"what ran at {name}", fixture.stands()))
    return report
