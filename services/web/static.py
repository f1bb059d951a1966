"""The built assets: held in memory, served by their hashed names with the encoding the browser takes.

Nothing is looked up on the disk by a name that came from outside.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

BUILD = Path(__file__).parent / "static" / "build"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
A_YEAR = "public, max-age=31536000, immutable"


class AssetsMissing(RuntimeError):
    """The assets were not built."""


@dataclass(frozen=True)
class Assets:
    """What the build made. ``names`` maps ``console.css`` to its hashed name; ``bodies`` a hashed name, with ``.br``
    or ``.gz`` or without, to its bytes; ``icons`` are the ids in the sprite.
    """

    names: dict[str, str]
    bodies: dict[str, bytes]
    icons: frozenset[str]

    def url(self, name: str) -> str:
        return f"/static/{self.names[name]}"

    def icon(self, name: str) -> str:
        """The address of one icon in the sprite. Raises KeyError for an icon that was not put into it."""
        if name not in self.icons:
            raise KeyError(f"icon {name!r} is not in assets/icons.txt")
        return f"{self.url('icons.svg')}#{name}"


def load(folder: Path = BUILD) -> Assets:
    """Reads the build. Raises AssetsMissing with the command that makes it."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        raise AssetsMissing("the console's assets are not built: run python -m services.web.build_assets")
    content = json.loads(manifest.read_bytes())
    names: dict[str, str] = content["files"]
    return Assets(
        names=names,
        bodies={
            name + suffix: (folder / (name + suffix)).read_bytes()
            for name in names.values()
            for suffix in ("", ".gz", ".br")
        },
        icons=frozenset(content["icons"]),
    )


def router(assets: Assets) -> APIRouter:
    """GET /static/<hashed name>."""
    routes = APIRouter()

    @routes.get("/static/{name}", include_in_schema=False)
    async def asset(name: str, request: Request) -> Response:
        body = assets.bodies.get(name)
        kind = TYPES.get(Path(name).suffix)
        if body is None or kind is None:
            return Response(status_code=404)
        headers = {"Cache-Control": A_YEAR, "Vary": "Accept-Encoding"}
        accepted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
        for encoding, suffix in ENCODINGS:
            if encoding in accepted:
                return Response(
                    assets.bodies[name + suffix], media_type=kind, headers=headers | {"Content-Encoding": encoding}
                )
        return Response(body, media_type=kind, headers=headers)

    return routes
