"""From what apt says about this machine to the archive lines the switch is fetched by. Pure.

Debian 12 and 13 carry no Asterisk in their own suites: it comes from `forky` on the same mirror, checked with the
same archive keys. Ubuntu 24.04 carries Asterisk 20 in `universe`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hotline.install.errors import SetUpFailed

OLDEST_ASTERISK = 20
DEBIAN_SUITE = "forky"
KEYRINGS = {
    "debian": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "ubuntu": "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
}
# The names a Debian sources list may call its main suite by, beside the code name.
DEBIAN_RELEASES = {"oldstable", "stable", "testing", "unstable", "sid"}


@dataclass(frozen=True, slots=True)
class Target:
    """One package index of the host's own sources, as `apt-get indextargets` shows it."""

    uri: str
    release: str
    origin: str
    component: str
    architecture: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class Archive:
    """Where to fetch from: the lines of a sources.list, and in words why there."""

    lines: tuple[str, ...]
    why: str


def parse_os_release(text: str) -> dict[str, str]:
    """Return the fields of /etc/os-release."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def parse_targets(text: str) -> list[Target]:
    """Return the host's package indexes from the raw output of `apt-get indextargets`.

    Code name and origin are absent until the host has fetched its lists once.
    """
    targets = []
    for stanza in re.split(r"\n\s*\n", text):
        pairs = (line.split(":", 1) for line in stanza.splitlines() if ":" in line and not line[0].isspace())
        fields = {name: value.strip() for name, value in pairs}
        if fields.get("Created-By", "Packages") != "Packages" or "Repo-URI" not in fields:
            continue
        targets.append(
            Target(
                uri=fields["Repo-URI"],
                release=fields.get("Release", fields.get("Codename", "")),
                origin=fields.get("Origin", ""),
                component=fields.get("Component", ""),
                architecture=fields.get("Architecture", ""),
                signed_by=fields.get("Signed-By", ""),
            )
        )
    return targets


def candidate_major(policy: str) -> int:
    """Return the main version number of the candidate in an `apt-cache policy PACKAGE` output; 0 if there is none."""
    found = re.search(r"^\s*Candidate:\s*(?:\d+:)?(\d+)\.", policy, re.MULTILINE)
    return int(found.group(1)) if found else 0


def choose_archive(
    os_release: Mapping[str, str], targets: list[Target], policy: str, existing: frozenset[str] = frozenset()
) -> Archive:
    """Decide where the switch comes from.

    Args:
        os_release: fields of /etc/os-release.
        targets: the host's own package indexes.
        policy: what `apt-cache policy asterisk` says on the host.
        existing: files that exist on the host, of those in KEYRINGS.

    Raises:
        SetUpFailed: the distribution is unknown to us, or no mirror stands in its sources.
    """
    family = _family(os_release)
    code_name = os_release.get("UBUNTU_CODENAME" if family == "ubuntu" else "VERSION_CODENAME", "")
    own = _own_targets(family, code_name, targets)
    if not own:
        raise SetUpFailed(
            f"apt on this machine knows no {family} mirror: add one to /etc/apt/sources.list"
            " (see `apt-get indextargets`), or set HOTLINE_PARTS_DIRECTORY to parts unpacked elsewhere"
        )
    if family == "ubuntu":
        archives = dict.fromkeys((each.uri, each.release, _keyring(family, each.signed_by, existing)) for each in own)
        lines = tuple(_line(uri, release, "main universe", keyring) for uri, release, keyring in archives)
        return Archive(lines, f"Ubuntu {code_name} carries Asterisk in universe")
    mirror = own[0]
    keyring = _keyring(family, mirror.signed_by, existing)
    if candidate_major(policy) >= OLDEST_ASTERISK:
        return Archive((_line(mirror.uri, mirror.release, "main", keyring),), f"Debian {mirror.release} carries it")
    line = _line(mirror.uri, DEBIAN_SUITE, "main", keyring)
    return Archive((line,), f"Debian {code_name or mirror.release} carries no Asterisk, {DEBIAN_SUITE} does")


def _family(os_release: Mapping[str, str]) -> str:
    names = [os_release.get("ID", ""), *os_release.get("ID_LIKE", "").split()]
    family = next((name for name in names if name in KEYRINGS), None)
    if family is None:
        raise SetUpFailed(
            f"{os_release.get('PRETTY_NAME', 'this system')} is not known to set-up"
            " (Debian 12/13 and Ubuntu 24.04 are): run it on one of those"
        )
    return family


def _own_targets(family: str, code_name: str, targets: list[Target]) -> list[Target]:
    """Return the indexes of the distribution itself: no third party's, no security archive on a mirror of its own."""

    def belongs(target: Target) -> bool:
        if target.component != "main" or target.origin.lower() not in {"", family}:
            return False
        if family == "ubuntu":
            return target.release == code_name or target.release.startswith(f"{code_name}-")
        return target.release == code_name or target.release in DEBIAN_RELEASES

    own = [target for target in targets if belongs(target)]
    # Without fetched lists the origin is unknown: then a mirror is told from others' archives by its address.
    named = [
        target for target in own if family in target.uri.rstrip("/").rsplit("/", 1)[-1] and "/ppa/" not in target.uri
    ]
    return named or own


def _line(uri: str, release: str, components: str, keyring: str) -> str:
    return f"deb [signed-by={keyring}] {uri} {release} {components}" if keyring else f"deb {uri} {release} {components}"


def _keyring(family: str, signed_by: str, existing: frozenset[str]) -> str:
    """Return the key the host itself names, else the distribution's, else none: what apt trusts anyway."""
    if signed_by.startswith("/"):
        return signed_by
    return KEYRINGS[family] if KEYRINGS[family] in existing else ""
