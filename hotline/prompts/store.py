"""The table of the site's own texts of prompts. The sounds themselves are files (hotline/voice/own.py)."""

from datetime import datetime

from sqlalchemy import String, Text, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, insert_into
from hotline.prompts.prompt import SiteText


class PromptTextTable(Base):
    """The site's own text of one prompt in one language. `edition` is what two who write at once are told apart by."""

    __tablename__ = "prompt_text"

    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    prompt_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    edition: Mapped[int]


async def site_texts(session: AsyncSession, language: str) -> dict[str, SiteText]:
    """Return the site's texts in a language, by the prompt's id."""
    rows = await session.scalars(select(PromptTextTable).where(PromptTextTable.language == language))
    return {row.prompt_id: _text(row) for row in rows}


async def site_text(session: AsyncSession, language: str, prompt_id: str) -> SiteText | None:
    """Return the site's text of a prompt, where it has one."""
    row = await session.get(PromptTextTable, (language, prompt_id), populate_existing=True)
    return _text(row) if row else None


async def put_text(session: AsyncSession, text: SiteText) -> bool:
    """Write a text whose edition before was one less; return False where that is not so: somebody else was first."""
    values = {"text": text.text, "done_by": text.by, "at": text.at, "edition": text.edition}
    keys = {"language": text.language, "prompt_id": text.prompt_id}
    if text.edition == 1:
        made = await session.execute(
            insert_into(session, PromptTextTable)
            .values(**keys, **values)
            .on_conflict_do_nothing()
            .returning(PromptTextTable.edition)
        )
    else:
        made = await session.execute(
            update(PromptTextTable)
            .where(
                PromptTextTable.language == text.language,
                PromptTextTable.prompt_id == text.prompt_id,
                PromptTextTable.edition == text.edition - 1,
            )
            .values(**values)
            .returning(PromptTextTable.edition)
        )
    return made.first() is not None


def _text(row: PromptTextTable) -> SiteText:
    return SiteText(
        language=row.language, prompt_id=row.prompt_id, text=row.text, by=row.done_by, at=row.at, edition=row.edition
    )
