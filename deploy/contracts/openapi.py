"""The routes of one service as an OpenAPI document: FastAPI's own, with what our edge and our routers add to it."""

from typing import Any

from shared.http.problem import MEDIA_TYPE, body_of
from shared.http.refusals import NothingHere
from shared.http.routes import Access
from shared.runtime.service import Service

_METHODS = ("get", "put", "post", "delete", "patch")
_TYPES = {str: "string", int: "integer", list: "array", dict: "object"}
_DESCRIPTION = (
    "Routes of the service `{name}`. `x-access` says who may use a route, `x-access-about` in which scope or why; "
    "everything but `public` needs the five-minute token that identity gives. Every answer from 400 on is a problem: "
    "its `code` is the name of the refusal's class in snake_case, listed by rule in docs/rules.md."
)


def openapi_of(service: Service) -> dict[str, Any]:
    """The document of a composed service. Operations are named after their handlers where that is unique."""
    document = service.app.openapi()
    document["info"] |= {
        "title": f"tuan {service.name}",
        "description": _DESCRIPTION.format(name=service.name),
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    document["tags"] = [{"name": service.name, "description": f"Routes of {service.name}."}]
    components = document.setdefault("components", {})
    schemas = {
        n: s for n, s in components.get("schemas", {}).items() if n not in {"HTTPValidationError", "ValidationError"}
    }
    components["schemas"] = dict(sorted((schemas | {"Problem": _problem()}).items()))
    components["responses"] = {"Refused": _refused()}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path in document["paths"].values():
        for method in _METHODS:
            if method in path:
                _complete(path[method], service.name)
    return document


def _complete(operation: dict[str, Any], service: str) -> None:
    """FastAPI announces its own form of a 422, which our edge never lets out."""
    operation["tags"] = [service]
    operation.setdefault("description", f"{operation['summary']}.")
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {"$ref": "#/components/responses/Refused"}
    if operation["x-access"] != Access.PUBLIC.value:
        operation["security"] = [{"token": []}]


def _refused() -> dict[str, Any]:
    return {
        "description": "A refusal, with its sentences in Chinese and English and the way out.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _problem() -> dict[str, Any]:
    """The schema follows from a real body, so that it cannot differ from it."""
    body = body_of(NothingHere())
    properties: dict[str, Any] = {
        name: {"type": _TYPES[type(value)]} if value is not None else {"type": ["string", "null"]}
        for name, value in body.items()
    }
    properties["errors"]["items"] = {"$ref": "#/components/schemas/Problem"}
    properties["correlation"] = {"type": "string"}
    return {"type": "object", "properties": properties, "required": sorted(body)}
