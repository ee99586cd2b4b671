"""`python -m hotline ivr …`: is the menu file good, and what does it look like?"""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hotline.ivr.menu import REPEAT_KEY, MenuPlan
from hotline.settings import Settings, read_settings

ivr = typer.Typer(no_args_is_help=True, help="The menus callers hear: check the file, draw it.")
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


def _read(settings: Settings, file: Path) -> MenuPlan:
    from hotline.ivr.menu_file import known_to, read_menu_file  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    return read_menu_file(file, known_to(Shelf.of(settings), settings.queues.skills))
