"""Rendering: the Jinja environment, the formats of dates and figures, and whole pages or their parts for htmx."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.web import cookies
from services.web.agents import read_agent
from services.web.clients import Gap
from services.web.static import Assets
from services.web.texts import label, say
from services.web.urls import area_of
from services.web.visit import Visit, standing_key
from shared.kernel.clock import SHANGHAI, Clock, local_date

TEMPLATES = Path(__file__).parent / "templates"
PREFIX_MIN = 4
# A shared prefix of two names ends after one of these, else a place's name would be cut in two.
PREFIX_ENDS = "团省市县区旗州盟会校院司厂镇乡道村"


def day(value: date | datetime | str | None) -> str:
    """2026年11月20日; a month without a day (``2019-05``) gives 2019年5月. Instants are shown in Asia/Shanghai."""
    match value:
        case None | "":
            return ""
        case datetime():
            return day(value.astimezone(SHANGHAI).date())
        case date():
            return f"{value.year}年{value.month}月{value.day}日"
        case str():
            parts = value.split("-")
            units = zip(parts, "年月日", strict=False)
            return "".join(f"{int(part)}{unit}" for part, unit in units) if all(map(str.isdecimal, parts)) else value


def moment(value: datetime | None, present: date) -> str:
    """11月20日 09:12, with the year if it is not that of the present day."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    year = f"{local.year}年" if local.year != present.year else ""
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"


def full_moment(value: datetime | None) -> str:
    """2026年11月20日 10:00, for the stamp of an hour."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}" if value else ""


def count(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def share(part: int, whole: int) -> str:
    """A percentage rounded towards the middle, so that 100% and 0% are said only when they are true."""
    if not whole:
        return "—"
    if part in (0, whole):
        return "100%" if part else "0%"
    return f"{min(max(part * 1000 // whole, 1), 999) / 10:.1f}%"


def split_name(full_name: str, beside: str = "") -> tuple[str, str]:
    """A name's part shared with the one beside it (its superior), and its own part. Joined they are the name."""
    shared = 0
    for left, right in zip(full_name, beside, strict=False):
        if left != right:
            break
        shared += 1
    while shared and full_name[shared - 1] not in PREFIX_ENDS:
        shared -= 1
    if shared < PREFIX_MIN or shared >= len(full_name):
        return "", full_name
    return full_name[:shared], full_name[shared:]


def yuan(fen: int) -> str:
    """3,200 or 3,200.50: whole fen shown as yuan."""
    return f"{fen // 100:,}" + (f".{fen % 100:02}" if fen % 100 else "")


def pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Choices of a list whose values are their own names."""
    return [(name, name) for name in names]


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
            "moment": lambda value: moment(value, local_date(self._clock.now())),
            "full_moment": full_moment,
            "count": count,
            "pairs": pairs,
            "yuan": yuan,
        }
        self._templates.filters |= formats
        self._templates.tests |= {"gap": lambda value: isinstance(value, Gap)}

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


def go(request: Request, to: str, text: str = "", /, after: dict[str, str] | None = None, **values: object) -> Response:
    """After a command: to the page that shows its result, which says `text` and waits for `after` (service: token)."""
    if "hx-request" in request.headers:
        response = Response(headers={"HX-Redirect": to})
    else:
        response = RedirectResponse(to, status_code=303)
    if text or after:
        cookies.write_note(response, cookies.Note(text=text, values=cookies.only_text(values), after=after or {}))
    return response


def safe_next(path: str) -> str:
    """A path of this console to go on to; anything else becomes the home page."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_ours and path.isprintable() else "/home"
