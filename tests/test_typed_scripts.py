"""The pages' scripts are typed by their comments (JSDoc) and checked like the Python: tsc, strict."""

import subprocess

import pytest

from tests.fakes.page_checkers import ABSENT, HERE, page_checkers


@pytest.mark.timeout(300)  # the first time ever it is fetched here
def test_scripts_of_the_pages_keep_to_their_types() -> None:
    modules = page_checkers()
    if modules is None:
        pytest.skip(ABSENT)

    said = subprocess.run(
        [modules / ".bin" / "tsc", "-p", HERE / "tsconfig.json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert said.stdout == ""
    assert said.returncode == 0, said.stderr
