from hotline.transcribe.lock import Packages, locked_model, locked_models


def test_vosk_chinese_is_preferred_and_whisper_comes_next() -> None:
    assert [model.name for model in locked_models() if model.purpose == "calls"] == [
        "vosk-model-small-cn-0.22",
        "whisper-base",
    ]


def test_every_model_has_a_licence_a_source_and_a_way_to_become_a_directory() -> None:
    for model in locked_models():
        assert model.licence
        assert model.source
        for source in model.source:
            assert source.folder or (isinstance(source, Packages) and source.files)


def test_unknown_model_is_not_there() -> None:
    assert locked_model("vosk-model-xx") is None
