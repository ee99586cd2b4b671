"""Where the switch is fetched from, decided from what apt really said on each distribution."""

from pathlib import Path

import pytest

from hotline.install.errors import SetUpFailed
from hotline.install.suites import KEYRINGS, candidate_major, choose_archive, parse_os_release, parse_targets

RECORDED = Path(__file__).parent / "recorded"
DEBIAN_12 = {"ID": "debian", "VERSION_CODENAME": "bookworm", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}
DEBIAN_13 = {"ID": "debian", "VERSION_CODENAME": "trixie"}
UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian", "VERSION_CODENAME": "noble", "UBUNTU_CODENAME": "noble"}
ALL_KEYRINGS = frozenset(KEYRINGS.values())


def recorded(name: str) -> str:
    return (RECORDED / name).read_text()


def test_debian_12_takes_the_switch_from_forky_on_its_own_mirror():
    archive = choose_archive(
        DEBIAN_12, parse_targets(recorded("debian-12.indextargets")), recorded("debian-12.policy"), ALL_KEYRINGS
    )

    keyring = KEYRINGS["debian"]
    assert archive.lines == (f"deb [signed-by={keyring}] http://mirror.example/debian/ forky main",)


def test_debian_13_takes_the_switch_from_forky_on_its_own_mirror():
    archive = choose_archive(
        DEBIAN_13, parse_targets(recorded("debian-13.indextargets")), recorded("debian-13.policy"), ALL_KEYRINGS
    )

    assert [line.split()[2:] for line in archive.lines] == [["http://mirror.example/debian/", "forky", "main"]]


def test_debian_that_carries_a_new_enough_switch_is_asked_for_its_own():
    policy = "asterisk:\n  Installed: (none)\n  Candidate: 1:22.10.1+dfsg-1\n"

    archive = choose_archive(DEBIAN_12, parse_targets(recorded("debian-12.indextargets")), policy, ALL_KEYRINGS)

    assert [line.split()[-2:] for line in archive.lines] == [["bookworm", "main"]]


def test_ubuntu_that_never_fetched_its_lists_is_asked_for_universe_and_no_third_party_is():
    archive = choose_archive(UBUNTU, parse_targets(recorded("ubuntu-24.04-fresh-image.indextargets")), "", ALL_KEYRINGS)

    assert [line.split()[2:] for line in archive.lines] == [
        ["http://mirror.example/ubuntu/", "noble", "main", "universe"],
        ["http://mirror.example/ubuntu/", "noble-updates", "main", "universe"],
        ["http://mirror.example/ubuntu/", "noble-backports", "main", "universe"],
        ["http://security.mirror.example/ubuntu/", "noble-security", "main", "universe"],
    ]
    assert all(f"signed-by={KEYRINGS['ubuntu']}" in line for line in archive.lines)


def test_key_the_host_names_for_its_mirror_is_kept():
    text = recorded("debian-12.indextargets").replace("Trusted: yes", "Signed-By: /etc/apt/keyrings/ours.gpg")

    archive = choose_archive(DEBIAN_12, parse_targets(text), recorded("debian-12.policy"), ALL_KEYRINGS)

    assert "[signed-by=/etc/apt/keyrings/ours.gpg]" in archive.lines[0]


def test_host_without_a_keyring_file_leaves_the_choice_of_keys_to_apt():
    archive = choose_archive(
        DEBIAN_12, parse_targets(recorded("debian-12.indextargets")), recorded("debian-12.policy"), frozenset()
    )

    assert archive.lines == ("deb http://mirror.example/debian/ forky main",)


def test_unknown_distribution_is_refused_by_its_name():
    with pytest.raises(SetUpFailed, match=r"Fedora Linux 43.*Debian 12/13 and Ubuntu 24.04"):
        choose_archive({"ID": "fedora", "PRETTY_NAME": "Fedora Linux 43"}, [], "")


def test_machine_without_a_mirror_is_told_to_add_one():
    with pytest.raises(SetUpFailed, match=r"add one to /etc/apt/sources.list"):
        choose_archive(DEBIAN_12, [], "")


@pytest.mark.parametrize(
    ("policy", "major"),
    [
        ("asterisk:\n  Candidate: (none)\n", 0),
        ("asterisk:\n  Candidate: 1:20.6.0~dfsg+~cs6.13.40431414-2build5\n", 20),
        ("asterisk:\n  Installed: 1:22.1-1\n  Candidate: 18.10.0\n", 18),
        ("", 0),
    ],
)
def test_main_version_is_read_from_the_candidate(policy, major):
    assert candidate_major(policy) == major


def test_os_release_values_may_be_quoted():
    assert parse_os_release('# a comment\nID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n') == {
        "ID": "debian",
        "PRETTY_NAME": "Debian GNU/Linux 12",
    }
