"""An apt of our own beside the host's: its own lists, cache and package status; the host's mirrors, proxies and keys.

It only ever downloads. Signatures are always checked.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from hotline.install.errors import SetUpFailed
from hotline.install.steps import run_reading
from hotline.install.suites import OLDEST_ASTERISK, Archive, candidate_major

# The host's hooks (package kits, image cleaners) are cleared: they would act on the host, and need its root.
CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear Acquire::IndexTargets::deb::DEP-11;
Dir::State "{state}";
Dir::State::status "{state}/status";
Dir::Cache "{cache}";
Dir::Etc::sourcelist "{sources}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
"""
TOO_OLD = re.compile(r"is expired|not valid any ?more|invalid since", re.IGNORECASE)
TOO_NEW = re.compile(r"not valid yet|not live until", re.IGNORECASE)
NO_KEY = re.compile(r"NO_PUBKEY|not signed|EXPKEYSIG|is not available: .*sign", re.IGNORECASE)
NO_WAY = re.compile(r"resolve|connect|timed out|unreachable|Failed to fetch|proxy", re.IGNORECASE)


class PrivateApt:
    """Fetches packages with all they need into `archives`; partial downloads are kept and gone on with."""

    def __init__(self, directory: Path, archive: Archive, environment: Mapping[str, str]) -> None:
        state, cache, sources = directory / "state", directory / "cache", directory / "sources.list"
        (state / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (cache / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        (state / "status").write_text("")  # nothing counts as installed, so everything needed is fetched
        sources.write_text("".join(f"{line}\n" for line in archive.lines))
        configuration = directory / "apt.conf"
        configuration.write_text(CONFIGURATION.format(state=state, cache=cache, sources=sources))
        self.archives = cache / "archives"
        self._configuration = str(configuration)
        self._environment = {**environment, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        self._options: list[str] = []

    def update(self, on_line: Callable[[str], None]) -> bool:
        """Fetch the package lists. Returns whether the mirror was past its date and had to be taken as it is.

        Raises SetUpFailed.
        """
        code, output = self._run(["update"], on_line)
        if code and TOO_OLD.search(output):
            self._options = ["-o", "Acquire::Check-Valid-Until=false"]
            code, output = self._run(["update"], on_line)
        if code:
            raise SetUpFailed(explain(output))
        return bool(self._options)

    def require(self, package: str) -> None:
        """Check that the lists carry `package` in a version we can use. Raises SetUpFailed."""
        lines: list[str] = []
        command = ["apt-cache", "-c", self._configuration, "policy", package]
        run_reading(command, self._environment, lines.append)
        major = candidate_major("\n".join(lines))
        if major < OLDEST_ASTERISK:
            found = f"{package} {major}" if major else f"no {package}"
            raise SetUpFailed(
                f"this machine's archive carries {found}, {OLDEST_ASTERISK} or newer is needed:"
                " use Debian 12/13 or Ubuntu 24.04, or install a newer one yourself"
            )

    def download(self, packages: list[str], on_line: Callable[[str], None]) -> None:
        """Fetch the packages and all they depend on. Raises SetUpFailed."""
        code, output = self._run(["-y", "--download-only", "install", *packages], on_line)
        if code:
            raise SetUpFailed(explain(output))

    def _run(self, arguments: list[str], on_line: Callable[[str], None]) -> tuple[int, str]:
        lines: list[str] = []

        def keep(line: str) -> None:
            lines.append(line)
            on_line(line)

        command = ["apt-get", "-c", self._configuration, *self._options, *arguments]
        code = run_reading(command, self._environment, keep)
        return code, "\n".join(lines)


def explain(output: str) -> str:
    """Return what went wrong with apt and what to do, from what it printed."""
    wrong = [line for line in output.splitlines() if line.startswith(("E:", "Err:", "W:"))]
    said = wrong[0] if wrong else (output.strip().splitlines() or ["apt said nothing"])[-1]
    text = "\n".join(wrong) or output
    if TOO_NEW.search(text):
        return f"the mirror's lists are from the future: set this machine's clock right and run again ({said})"
    if NO_KEY.search(text):
        return f"the archive's signature cannot be checked: renew the archive keyring package of this machine ({said})"
    if "No space left" in text:
        return f"the disk is full: free about 1 GB and run again ({said})"
    if NO_WAY.search(text):
        return (
            "no package mirror can be reached: check the network, or http_proxy, and run again;"
            f" what was fetched is kept ({said})"
        )
    return f"apt could not fetch the switch ({said})"
