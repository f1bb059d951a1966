#!/bin/sh
# Makes .venv from requirements.lock, once for each state of the lock. PYTHON names the interpreter.
set -eu
cd "$(dirname "$0")/../.."
PYTHON="${PYTHON:-$(deploy/local/choose_python.sh)}"
STAMP=.venv/.installed-lock
UV_VERSION=0.13.9

stop() {
    echo "$1" >&2
    exit 1
}

if ! command -v "$PYTHON" >/dev/null 2>&1; then
    stop "There is no $PYTHON here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11 up"
fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    stop "$("$PYTHON" --version) is too old; install Python 3.11 or newer and name it: make PYTHON=/path/to/python3.11 up"
fi

wanted="$(cat requirements.lock pyproject.toml deploy/local/install.sh | "$PYTHON" -c \
    'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')"
if [ -x .venv/bin/python ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

if ! [ -x .venv/bin/python ]; then
    echo "Python packages: making .venv with $PYTHON, $("$PYTHON" --version)"
    "$PYTHON" -m venv .venv || stop "$PYTHON cannot make virtual environments; on Debian: apt-get install python3-venv"
fi
UV="$(command -v uv || echo .local/uv/bin/uv)"
if ! [ -x "$UV" ]; then
    echo "Python packages: fetching uv $UV_VERSION"
    "$PYTHON" -m venv .local/uv
    .local/uv/bin/python -m pip install --quiet "uv==$UV_VERSION" ||
        stop "uv could not be fetched; check that the package registry can be reached (pip's own settings apply)"
fi
echo "Python packages: installing what requirements.lock names"
"$UV" pip sync --quiet --require-hashes requirements.lock --python .venv/bin/python ||
    stop "The packages could not be installed; what uv said stands above. Run the same command again."
"$UV" pip install --quiet --no-deps --editable . --python .venv/bin/python ||
    stop "The project itself could not be installed into .venv; what uv said stands above."
echo "$wanted" >"$STAMP"
