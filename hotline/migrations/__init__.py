"""The database's shape over time, by Alembic; one head. `python -m hotline migrate` brings a database up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to a revision. Blocking; may run again at any time."""
    command.upgrade(configuration(url), revision)


def configuration(url: str) -> Config:
    """Return Alembic's own settings for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config
