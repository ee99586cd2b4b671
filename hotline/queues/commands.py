"""`python -m hotline agent …`: who serves which queue."""

import asyncio
from typing import Annotated

import typer

from hotline.command_line import opened_database, tell_staffing
from hotline.settings import read_settings

agent = typer.Typer(no_args_is_help=True, help="Who serves which queue.")


@agent.command("skills")
def agent_skills(
    extension: str,
    skills: Annotated[list[str] | None, typer.Argument(help="repair, or repair:2 for a second choice")] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Only everybody's queue.")] = False,
    every: Annotated[bool, typer.Option("--every", help="Every skill, also those to come.")] = False,
) -> None:
    """Say which skills an agent has, or with nothing more than the extension, tell them."""
    from hotline.audit.change import COMMAND_LINE  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.queues.membership import EVERYBODY, Skill, SkillsRefused, wanted  # noqa: PLC0415
    from hotline.queues.service import assign_skills, read_skills  # noqa: PLC0415
    from hotline.queues.store import memberships  # noqa: PLC0415

    if bool(skills) + none + every > 1:
        raise SkillsRefused("say skills, or --none, or --every")
    settings = read_settings()
    known = settings.queues.skills
    chosen = read_skills(extension, None if every else skills or (), agents=settings.sip.agents, known=known)

    async def say() -> dict[str, tuple[Skill, ...]]:
        async with opened_database(settings) as database:
            if skills or none or every:
                await assign_skills(database, extension, chosen, by=COMMAND_LINE, clock=SystemClock())
                await tell_staffing(settings)
            async with database.read() as session:
                said: dict[str, tuple[Skill, ...]] = await memberships(session)
                return said

    places = wanted([extension], known, asyncio.run(say()))
    told = [f"{queue}:{penalty}" if penalty else queue for (_, queue), penalty in places.items() if queue != EVERYBODY]
    typer.echo(f"{extension}: {' '.join(told)}" if told else f"{extension}: no skill, only the queue of everybody")
