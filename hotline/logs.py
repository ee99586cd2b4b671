"""How the service writes its log: one JSON object a line, times in UTC, values as attributes.

A message is fixed text; what varies is an attribute. No attribute carries a person's number, name or words: calls are
named by linkedid. Libraries that would log values (SQL parameters, HTTP lines) are kept at warnings.
"""

import logging
import sys
from typing import Final

import structlog

QUIET: Final = ("aiohttp.access", "alembic", "arq", "asyncio", "panoramisk", "sqlalchemy", "faster_whisper")


def set_up_logs() -> None:
    """Send our logs and the libraries' to standard error, in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [to_stderr]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
