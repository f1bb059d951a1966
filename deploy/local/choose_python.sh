#!/bin/sh
# Prints the Python that .venv is made with, where none is named: the first python3, or the system's own where the first
# was compiled without --enable-optimizations, as version managers do by default (docs/decisions/0046).
set -eu
SYSTEM_PYTHON="${SYSTEM_PYTHON:-/usr/bin/python3}"

optimized() {
    "$1" -c 'import sys, sysconfig; sys.exit("--enable-optimizations" not in (sysconfig.get_config_var("CONFIG_ARGS") or ""))'
}

fits() {
    [ -x "$1" ] && "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if command -v python3 >/dev/null 2>&1 && ! optimized python3 && fits "$SYSTEM_PYTHON"; then
    echo "$SYSTEM_PYTHON"
else
    echo python3
fi
