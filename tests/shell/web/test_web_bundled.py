"""Libraries that set-up bundles are given beside our own scripts, once they are there; pages know whether they are."""

from pathlib import Path

import pytest

from hotline.web.build import build
from hotline.web.bundled import LIBRARIES

NAMES = sorted(LIBRARIES)


@pytest.mark.parametrize("name", NAMES)
async def test_library_is_given_once_set_up_has_made_it(desk, tmp_path: Path, name: str):
    async with desk(libraries=tmp_path) as room:
        browser = room.client()
        before = await browser.get(f"/static/{name}")
        (tmp_path / name).write_text("export default {};")
        after = await browser.get(f"/static/{name}")
        again = await browser.get(f"/static/{name}", headers={"If-None-Match": after.headers["ETag"]})

        assert (before.status, after.status, again.status) == (404, 200, 304)
        assert "javascript" in after.headers["Content-Type"]
        assert after.headers["Cache-Control"] == "no-cache"


async def test_nothing_else_of_that_directory_is_given(desk, tmp_path: Path):
    (tmp_path / "made-from").write_text("a lock file")
    async with desk(libraries=tmp_path) as room, room.client().get("/static/made-from") as answer:
        assert answer.status == 404


async def test_page_asks_for_charts_only_where_they_are(desk, tmp_path: Path):
    async with desk(libraries=tmp_path) as room:
        boss = await room.signed_in("boss")
        without = await (await boss.get("/reports")).text()
        (tmp_path / "echarts.js").write_text("export const init = null;")
        after = await (await boss.get("/reports")).text()

    assert 'name="charts"' not in without
    assert '<meta name="charts" content="/static/echarts.js">' in after


def test_other_libraries_are_another_build(tmp_path: Path):
    one, other = tmp_path / "one", tmp_path / "other"
    for place in (one, other):
        place.mkdir()
        for name in NAMES:
            (place / name).write_text(place.name)

    assert len({build(None), build(one), build(other)}) == 3
