"""The description of the API for programs, made from the same route table and shapes that serve it. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hotline.web.identity import EVERYONE
from hotline.web.routes import Route
from hotline.web.shapes import ErrorOut

VERSION: Final = "1"
REF: Final = "#/components/schemas/{model}"


def describe(routes: Iterable[Route], cookie: str = "hotline") -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these addresses; pages are left out. `cookie` is the name of a session's."""
    told = [route for route in routes if route.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))]
    names = Counter(route.act.__name__ for route in told)
    # What a query is made of stands beside the bodies: its choices are named there.
    incoming = {shape for route in told for shape in (route.body, route.query) if shape}
    outgoing = {route.answer for route in told if route.answer} | {ErrorOut}
    refs, definitions = models_json_schema(
        [(model, "validation") for model in sorted(incoming, key=_name)]
        + [(model, "serialization") for model in sorted(outgoing, key=_name)],
        ref_template=REF,
    )
    schemas: dict[Any, Any] = {model: schema for (model, _mode), schema in refs.items()}
    paths: dict[str, Any] = {}
    for route in told:
        operation = _operation(route, schemas)
        if names[route.act.__name__] > 1:  # a name is one address's alone
            operation["operationId"] += "_" + re.sub(r"\W+", "_", route.path.removeprefix("/api/v1/")).strip("_")
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "hotline",
            "version": VERSION,
            "description": "Times are ISO 8601 with offset; lengths are seconds.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
    }


def _operation(route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        good["content"] = {route.media: {"schema": schemas[route.answer]}}
    elif route.media != "application/json":
        good["content"] = {route.media: {}}
    operation: dict[str, Any] = {
        "operationId": route.act.__name__,
        "summary": route.summary,
        "parameters": [*_in_path(route), *_in_query(route)],
        "responses": {
            str(route.status): good,
            "default": {"description": "an error", "content": {"application/json": {"schema": schemas[ErrorOut]}}},
        },
        "x-roles": sorted(route.roles),
        "security": [] if route.roles == EVERYONE else [{"token": []}, {"session": []}],
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schemas[route.body]}}}
    elif route.file:
        operation["requestBody"] = {"required": True, "content": {route.file: {}}}
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    described = route.query.model_json_schema(ref_template=REF)
    needed = described.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": schema}
        for name, schema in described["properties"].items()
    ]


def _name(model: type[BaseModel]) -> str:
    return model.__name__
