"""`python -m hotline ivr …`: is the menu file good, what does it look like? And `… resident …`: what opens a home."""

import asyncio
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hotline.command_line import opened_database
from hotline.ivr.menu import REPEAT_KEY, MenuPlan
from hotline.settings import Settings, read_settings

ivr = typer.Typer(no_args_is_help=True, help="The menus callers hear: check the file, draw it.")
resident = typer.Typer(no_args_is_help=True, help="What a home has chosen.")
MenuFile = Annotated[Path | None, typer.Argument(metavar="FILE", help="Without one: the file in use.")]


@ivr.command("check")
def check(file: MenuFile = None) -> None:
    """Say what is wrong with a menu file, line by line (then the end is 1), or what it does."""
    from hotline.clock import SystemClock  # noqa: PLC0415 -- each command loads only what it needs
    from hotline.hours import warnings_of  # noqa: PLC0415

    settings = read_settings()
    path = file or settings.menus_file
    plan = _read(settings, path)
    now = SystemClock().now().astimezone(ZoneInfo(settings.centre.time_zone))
    typer.echo(f"{path} is good: version {plan.version}, languages {', '.join(plan.languages)}")
    typer.echo(f"a caller now, {now:%Y-%m-%d %H:%M}, begins in menu {plan.menu_at(now).name}")
    for menu in plan.menus.values():
        typer.echo(f"{menu.name} ({menu.label}): says {' + '.join(menu.prompts)}")
        for key, choice in menu.ways():
            speaks = f", in {choice.language} from here on" if choice.language else ""
            then = f", then menu:{choice.then}" if choice.then else ""
            typer.echo(f"  {key or 'silence':<8}{choice.label} → {choice.to}{then}{speaks}")
        if REPEAT_KEY not in menu.choices:
            typer.echo(f"  {REPEAT_KEY:<8}again, {menu.asks} hearings at most")
    for warning in warnings_of(plan.hours, now.date()):
        typer.echo(f"warning: {warning}")


@ivr.command("graph")
def graph(
    file: MenuFile = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Where to; without it, to the screen.")] = None,
    *,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As Mermaid text in place of SVG.")] = False,
) -> None:
    """Draw a menu file: every menu, its keys, and where each leads."""
    from hotline.ivr.menu_picture import as_mermaid, as_svg  # noqa: PLC0415

    settings = read_settings()
    plan = _read(settings, file or settings.menus_file)
    picture = as_mermaid(plan) if mermaid else as_svg(plan)
    if out is None:
        typer.echo(picture, nl=False)
    else:
        try:
            out.write_text(picture, encoding="utf-8")
        except OSError as wrong:
            typer.echo(f"{out} cannot be written: {wrong.strerror}", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"drawn: {out}")


@resident.command("pin")
def resident_pin(home: str, *, clear: Annotated[bool, typer.Option("--clear", help="Take it away.")] = False) -> None:
    """Set the number by which a home (3-2-501) proves itself on the telephone; asks for it twice, unseen."""
    from hotline.accounts.passwords import Passwords  # noqa: PLC0415
    from hotline.ivr.proof import clear_pin, set_pin  # noqa: PLC0415
    from hotline.residents.noted import HomeUnknown  # noqa: PLC0415
    from hotline.residents.resident import Home  # noqa: PLC0415

    known = Home.parse(home)
    if known is None:
        raise HomeUnknown("a home is written 3-2-501 or 3栋2单元501室")
    pin = "" if clear else typer.prompt("PIN", hide_input=True, confirmation_prompt=True)

    async def keep(settings: Settings) -> None:
        async with opened_database(settings) as database:
            await (clear_pin(database, known) if clear else set_pin(database, Passwords(), known, pin))

    asyncio.run(keep(read_settings()))
    typer.echo(f"{known} is opened by {'the last four digits of a registered number' if clear else 'its PIN alone'}")


def _read(settings: Settings, file: Path) -> MenuPlan:
    from hotline.ivr.menu_file import known_to, read_menu_file  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    return read_menu_file(file, known_to(Shelf.of(settings), settings.queues.skills))
