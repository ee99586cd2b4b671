"""Which recogniser writes calls down, and how it is loaded.

Comes before the pool, which loads what is chosen here in its own process.
"""

from dataclasses import dataclass
from pathlib import Path

from hotline.settings import TranscribeSettings
from hotline.transcribe.errors import NoModel
from hotline.transcribe.lock import locked_model, locked_models
from hotline.transcribe.recogniser import Recogniser


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine with a model that is at hand; calling it loads it, which takes seconds and hundreds of megabytes."""

    name: str
    model: str
    language: str
    directory: Path
    threads: int

    def __call__(self) -> Recogniser:
        """Load the engine; only its own library is imported. Raises RecogniserFailed."""
        if self.name == "vosk":
            from hotline.transcribe.vosk_engine import VoskRecogniser  # noqa: PLC0415 - 0.5 s and 100 MB each

            return VoskRecogniser(self.directory, self.model)
        from hotline.transcribe.whisper_engine import WhisperRecogniser  # noqa: PLC0415

        return WhisperRecogniser(self.directory, self.model, language=self.language, threads=self.threads)


def choose_engine(settings: TranscribeSettings, models: Path) -> Engine:
    """Return the engine that is set, or the first of the lock file whose model lies in `models`.

    `models` is settings.parts.models. Raises NoModel, which says what is missing and how to get it.
    """
    if settings.model:
        return _by_name(settings, models)
    for model in locked_models():
        fits = model.purpose == "calls" and settings.engine in ("auto", model.engine)
        if fits and (models / model.name).is_dir():
            return Engine(
                name=model.engine,
                model=model.name,
                language=model.language,
                directory=models / model.name,
                threads=settings.threads,
            )
    what = "no speech model for Chinese" if settings.engine == "auto" else f"no {settings.engine} model for Chinese"
    raise NoModel(f"{what} lies in {models}: run scripts/up, which fetches one, or set transcribe.engine to auto")


def _by_name(settings: TranscribeSettings, models: Path) -> Engine:
    model = locked_model(settings.model)
    name = model.engine if model else settings.engine
    if name == "auto":
        raise NoModel(
            f"transcribe.model {settings.model} is not in hotline/install/models.toml: set transcribe.engine as well"
        )
    if settings.engine not in ("auto", name):
        raise NoModel(
            f"transcribe.model {settings.model} is a model of {name}, but transcribe.engine is {settings.engine}"
        )
    directory = models / settings.model
    if not directory.is_dir():
        raise NoModel(f"transcribe.model {settings.model} does not lie in {models}: run scripts/up, which fetches it")
    language = model.language if model else "zh"
    return Engine(name=name, model=settings.model, language=language, directory=directory, threads=settings.threads)
