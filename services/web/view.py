"""Rendering: the Jinja environment, and whole pages or their parts for htmx."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.web import cookies
from services.web.agents import read_agent
from services.web.charts import day_of
from services.web.clients import Gap
from services.web.formats import count, day, full_moment, moment, pairs, share, short_day, split_name, time_left, yuan
from services.web.static import Assets
from services.web.texts import LANGUAGES, gloss, label, language, say
from services.web.urls import area_of
from services.web.visit import Visit, standing_key
from shared.kernel.clock import Clock, local_date

TEMPLATES = Path(__file__).parent / "templates"


class View:
    """Makes pages. One for the life of the process."""

    def __init__(self, assets: Assets, clock: Clock) -> None:
        self.assets = assets
        self._clock = clock
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.do"],
        )
        self._templates.globals |= {
            "t": say,
            "language": language,
            "languages": LANGUAGES,
            "label": label,
            "asset": assets.url,
            "icon": self._icon,
            "share": share,
            "area_of": area_of,
            "read_agent": read_agent,
            "split_name": split_name,
            "standing_key": standing_key,
        }
        formats: dict[str, Callable[..., object]] = {
            "day": day,
            "closing_day": lambda value: short_day(day_of(value), local_date(self._clock.now())),
            "moment": lambda value: moment(value, local_date(self._clock.now())),
            "full_moment": full_moment,
            "time_left": lambda value: time_left(value, self._clock.now()),
            "count": count,
            "gloss": gloss,
            "pairs": pairs,
            "yuan": yuan,
        }
        self._templates.filters |= formats
        self._templates.tests |= {"gap": lambda value: isinstance(value, Gap)}

    def now(self) -> datetime:
        return self._clock.now()

    def _icon(self, name: str, small: bool = False) -> Markup:
        return Markup('<svg class="icon{}" aria-hidden="true"><use href="{}"/></svg>').format(
            " icon-s" if small else "", self.assets.icon(name)
        )

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page; for htmx asking for a part, the part alone (the template extends `layout`)."""
        visit: Visit | None = getattr(request.state, "visit", None)
        is_part = is_part_wanted(request)
        response = HTMLResponse(
            self._templates.get_template(template).render(
                request=request,
                visit=visit,
                layout="layout/part.html" if is_part else "layout/shell.html",
                is_part=is_part,
                form_token=cookies.form_token(cookies.visit_secret(request)),
                note=visit.note if visit and not is_part else cookies.Note(),
                **context,
            ),
            status_code=status,
        )
        cookies.keep_visit(request, response)
        if visit and visit.note.text and not is_part:
            cookies.drop(response, cookies.NOTE)
        return response


def is_part_wanted(request: Request) -> bool:
    """True when htmx will put the answer into a part of the page it has."""
    return request.headers.get("hx-request-type") == "partial"


def go(
    request: Request,
    to: str,
    text: str = "",
    /,
    after: dict[str, str] | None = None,
    tone: str = "success",
    **values: object,
) -> Response:
    """After a command: to the page that shows its result, which says `text` and waits for `after` (service: token)."""
    if "hx-request" in request.headers:
        response = Response(headers={"HX-Redirect": to})
    else:
        response = RedirectResponse(to, status_code=303)
    if text or after:
        cookies.write_note(
            response, cookies.Note(text=text, tone=tone, values=cookies.only_text(values), after=after or {})
        )
    return response


def safe_next(path: str) -> str:
    """A path of this console to go on to; anything else becomes the home page."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_ours and path.isprintable() else "/home"
