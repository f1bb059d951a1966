"""`python -m deploy.observability` writes what is generated here; `--check` fails if something is out of date."""

import sys
from pathlib import Path

from deploy.observability import dashboards, metrics_page


def generated() -> dict[Path, str]:
    """Each file with what must stand in it."""
    drawn = {dashboards.FOLDER / f"{name}.json": dashboards.render(name) for name in dashboards.DASHBOARDS}
    return {metrics_page.PAGE: metrics_page.render(), **drawn}


def main(arguments: list[str]) -> int:
    files = generated()
    if "--check" not in arguments:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return 0
    stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        sys.stderr.write(f"{path.name} is out of date; run `make contracts`.\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
