"""The secrets of one machine's own deployment, made once and readable by this user only."""

import os
import secrets
from pathlib import Path

from shared.http.paging import CURSOR_KEY
from shared.privacy.secrets import KEY_ENCRYPTION_KEY, LOOKUP_KEY, create_secret

OPERATOR_LOGIN = "operator"
OPERATOR_PASSWORD = "operator-password"  # noqa: S105  the name of a file


def make_secrets(directory: Path) -> None:
    """Creates what is missing of the three keys and of the central operator's password; what is there stays."""
    for name in (KEY_ENCRYPTION_KEY, LOOKUP_KEY, CURSOR_KEY):
        create_secret(directory, name)
    try:
        handle = os.open(directory / OPERATOR_PASSWORD, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(18))
