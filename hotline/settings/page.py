"""Every setting as docs/settings.md has it."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from hotline.settings.sections import REPOSITORY
from hotline.settings.whole import sections, variables


def as_markdown() -> str:
    """Return every setting with its variable, default and meaning, as docs/settings.md has it."""
    lines: list[str] = []
    by_place = {place: variable for variable, place in variables().items()}
    for section, kind in sections().items():
        lines += [f"## [{section}]", "", (kind.__doc__ or "").split("\n")[0], ""]
        lines += ["| setting | variable | default | meaning |", "|---|---|---|---|"]
        for name, field in kind.model_fields.items():
            variable = f"`{by_place[section, name]}`" if (section, name) in by_place else "file only"
            default = _as_text(field.get_default(call_default_factory=True))
            lines.append(f"| `{name}` | {variable} | {default} | {field.description} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def _as_text(default: Any) -> str:
    if isinstance(default, Path):
        default = default.relative_to(REPOSITORY)
    if isinstance(default, tuple):
        default = ", ".join(str(part) for part in default)
    text = default.get_secret_value() if isinstance(default, SecretStr) else str(default)
    return "" if default is None or text in {"", "{}"} else f"`{text}`"
