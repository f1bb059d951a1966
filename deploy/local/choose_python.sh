#!/bin/sh
# Prints the Python that .venv is made with, where none is named: the first python3, or the system's own where the first
# was compiled on a Linux machine without --enable-optimizations, as version managers do by default (docs/decisions/0046).
set -eu
SYSTEM_PYTHON="${SYSTEM_PYTHON:-/usr/bin/python3}"

plain() { # a distribution's own, below /usr, says nothing of how it was optimized
    "$1" -c 'import sys, sysconfig
options = sysconfig.get_config_var("CONFIG_ARGS") or ""
sys.exit(sys.base_prefix == "/usr" or "--enable-optimizations" in options)'
}

fits() {
    [ -x "$1" ] && "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ "$(uname)" = Linux ] && command -v python3 >/dev/null 2>&1 && plain python3 && fits "$SYSTEM_PYTHON"; then
    echo "$SYSTEM_PYTHON"
else
    echo python3
fi
