"""The API's description: valid by an independent validator, whole by the contract, with a shape for every address."""

import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from hotline.web.openapi import describe
from hotline.web.server import ALL_ROUTES

ROOT = Path(__file__).parents[3]
CONTRACT = ROOT.parent / "shared" / "contract.md"
KEPT_CONTRACT = {  # as the contract had it on 2026-11-22, for checkouts without it
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /api/v1/openapi.json",
    "GET /api/v1/calls", "GET /api/v1/calls/{}", "GET /api/v1/calls/{}/recording",
    "GET /api/v1/duty-log", "POST /api/v1/duty-log", "POST /api/v1/duty-log/{}/corrections",
    "GET /api/v1/live", "GET /api/v1/reports/answer-times",
    "GET /api/v1/campaigns", "POST /api/v1/campaigns", "GET /api/v1/campaigns/{}/targets",
    "POST /api/v1/campaigns/{}/start", "POST /api/v1/campaigns/{}/pause", "POST /api/v1/campaigns/{}/resume",
    "POST /api/v1/campaigns/{}/stop", "GET /api/v1/campaigns/{}/attempts",
    "GET /api/v1/follow-ups", "POST /api/v1/follow-ups",
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Give the description."""
    return describe(ALL_ROUTES)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def bare(address: str) -> str:
    """Return an address without the names in its braces."""
    return re.sub(r"{\w+}", "{}", address)


def test_an_independent_validator_finds_nothing_wrong(document: dict[str, Any]) -> None:
    assert [wrong.message for wrong in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_address_of_the_contract_is_described(document: dict[str, Any]) -> None:
    assert {bare(address) for address in operations(document)} >= KEPT_CONTRACT


def test_what_is_kept_here_of_the_contract_is_what_it_says() -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout")
    said = set(re.findall(r"(?:/api/v1/|/)[a-z.-]+(?:/[a-z.-]+)?", CONTRACT.read_text(encoding="utf-8")))
    wanted = {path for path in said if path.startswith("/api/v1/") or path in {"/healthz", "/readyz", "/metrics"}}

    kept = {address.split(" ")[1] for address in KEPT_CONTRACT}
    assert {path for path in wanted if path not in kept} == set()


def test_every_api_address_of_the_service_is_described_with_what_comes_out(document: dict[str, Any]) -> None:
    described = operations(document)
    for route in ALL_ROUTES:
        if not route.path.startswith("/api/"):
            continue
        operation = described[f"{route.method} {route.path}"]
        good = operation["responses"][str(route.status)]
        says_nothing = route.status == 204 or route.method == "DELETE" or route.path.endswith("openapi.json")
        assert "content" in good or says_nothing or route.path == "/api/v1/live", f"{route.path} has no shape"
        assert set(re.findall(r"{(\w+)}", route.path)) == {
            one["name"] for one in operation["parameters"] if one["in"] == "path"
        }


def test_each_name_of_an_operation_is_one_address_alone(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document).values()]

    assert len(names) == len(set(names))


def test_what_must_be_said_in_a_query_is_marked_so(document: dict[str, Any]) -> None:
    said = {one["name"]: one["required"] for one in document["paths"]["/api/v1/imports"]["post"]["parameters"]}

    assert said == {"kind": True, "name": False}
    assert "application/octet-stream" in document["paths"]["/api/v1/imports"]["post"]["requestBody"]["content"]


def test_a_call_and_a_report_say_everything_that_the_contract_names(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    queries = {
        path: {one["name"] for one in document["paths"][path]["get"]["parameters"]}
        for path in ("/api/v1/calls", "/api/v1/reports/answer-times")
    }

    assert set(shapes["WholeCall"]["properties"]) >= {
        "id", "direction", "number", "dialled", "resident", "ring_start", "switch_answer", "rings_heard", "menu_path",
        "queue_seconds", "agent", "human_answer", "ended_at", "outcome", "recording", "transcript", "duty_log",
        "oddities",
    }  # fmt: skip
    assert queries["/api/v1/calls"] >= {"since", "until", "number", "cursor"}
    assert queries["/api/v1/reports/answer-times"] == {"from", "to", "by"}
    assert set(shapes["ErrorOut"]["properties"]) == {"error"}
    assert set(shapes["ErrorBody"]["properties"]) == {"id", "message", "details"}
