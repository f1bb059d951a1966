"""The exchange protocol as two OpenAPI documents: what this system offers the others, and they offer it (BEY-08)."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from services.transfer.exchange.protocol import (
    PREFIX,
    VERSION,
    Decision,
    Keys,
    Offer,
    Outcome,
    Person,
    Reconciliation,
)
from services.transfer.exchange.signing import HEADERS

_SIDES = {
    "national": "What the national system offers the systems of 北京, 广东 and 福建.",
    "provincial": "What each of the systems of 北京, 广东 and 福建 offers the national one.",
}
_ABOUT = (
    " Every request, and every answer of status 200, bears the headers X-Exchange-From, -To, -Key, -Time, -Nonce and "
    "-Signature; docs/exchange.md says over what is signed, and what each message means."
)
_MESSAGES: dict[str, type[BaseModel]] = {
    "offers": Offer,
    "decisions": Decision,
    "outcomes": Outcome,
    "reconciliations": Reconciliation,
    "keys": Keys,
}


def exchange_documents(transfer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """`national` and `provincial`, from the document of transfer's routes."""
    return {f"exchange-{side}": _document(transfer, side, about + _ABOUT) for side, about in _SIDES.items()}


def _document(transfer: Mapping[str, Any], side: str, about: str) -> dict[str, Any]:
    paths = {path: deepcopy(found) for path, found in transfer["paths"].items() if path.startswith(PREFIX)}
    for path, found in paths.items():
        for operation in found.values():
            operation["tags"] = [side]
            operation["parameters"] = [*operation.get("parameters", []), *_headers()]
            if message := _MESSAGES.get(path.rpartition("/")[2]):
                reference = {"$ref": f"#/components/schemas/{message.__name__}"}
                operation["requestBody"]["content"]["application/json"]["schema"] = reference
    schemas: dict[str, Any] = {
        "Problem": transfer["components"]["schemas"]["Problem"],
    }
    models: list[type[BaseModel]] = [*_MESSAGES.values(), Person]
    for model in models:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    sealed = {"contentMediaType": "application/jose", "contentSchema": {"$ref": "#/components/schemas/Person"}}
    schemas["Offer"]["properties"]["person"] |= sealed
    named = {name: schema for name, schema in transfer["components"]["schemas"].items() if name in _answers(paths)}
    return {
        "openapi": transfer["openapi"],
        "info": {
            "title": f"tuan exchange, {side} side",
            "version": VERSION,
            "description": about,
            "license": transfer["info"]["license"],
        },
        "tags": [{"name": side, "description": about}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted((schemas | named).items())),
            "responses": transfer["components"]["responses"],
        },
    }


def _headers() -> list[dict[str, Any]]:
    return [
        {"name": f"X-Exchange-{name}", "in": "header", "required": True, "schema": {"type": "string", "maxLength": 200}}
        for name in HEADERS
    ]


def _answers(paths: Mapping[str, Any]) -> set[str]:
    """The schemas that answers name, and those in them."""
    return {
        "Receipt",
        "Standing",
        "Directory",
        "Listed",
        "Reconciled",
        "KeysTaken",
        *(reference.rpartition("/")[2] for reference in _references(paths)),
    }


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(child) for child in node.values()))
    return set().union(*(_references(child) for child in node)) if isinstance(node, list) else set()
