"""What a token with scopes may reach, and that no address is left open to a scope it does not name."""

import pytest

from hotline.accounts.scopes import SCOPES, may_reach, scope_of, unknown_scopes


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/calls", "calls:read"),
        ("HEAD", "/api/v1/calls/{id}", "calls:read"),
        ("POST", "/api/v1/calls/{id}/reveal", "calls:write"),
        ("GET", "/api/v1/calls/{id}/recording", "recordings:read"),
        ("GET", "/api/v1/calls/{id}/recording/picture", "recordings:read"),
        ("POST", "/api/v1/duty-log", "duty-log:write"),
        ("GET", "/api/v1/reports/month.pdf", "reports:read"),
        ("POST", "/api/v1/campaigns/{id}/targets", "campaigns:write"),
        ("DELETE", "/api/v1/household-marks/{id}", "campaigns:write"),
        ("GET", "/api/v1/live", "live:read"),
        ("GET", "/metrics", "metrics:read"),
        ("GET", "/calls", ""),  # a page is for people
        ("GET", "/api/v1/callsign", ""),
        ("GET", "/api/v1/unheard-of", ""),
    ],
)
def test_address_asks_for_its_scope(method: str, path: str, scope: str) -> None:
    assert scope_of(method, path) == scope


def test_token_without_scopes_is_held_to_its_role_alone() -> None:
    assert may_reach(frozenset(), "POST", "/api/v1/staff")


def test_token_with_scopes_reaches_what_they_name_and_what_everybody_may_ask() -> None:
    scopes = frozenset({"calls:read"})

    assert may_reach(scopes, "GET", "/api/v1/calls")
    assert may_reach(scopes, "GET", "/api/v1/me")
    assert not may_reach(scopes, "POST", "/api/v1/calls/{id}/reveal")
    assert not may_reach(scopes, "GET", "/api/v1/calls/{id}/recording")
    assert not may_reach(scopes, "GET", "/api/v1/unheard-of")
    assert not may_reach(scopes, "GET", "/")


def test_scope_that_there_is_not_is_named() -> None:
    assert unknown_scopes([*SCOPES, "calls:eat", "all"]) == ["all", "calls:eat"]
