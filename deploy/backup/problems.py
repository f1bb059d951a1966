"""Why a backup or a restore does not go on: one sentence each, with the way out."""

from pathlib import Path

from deploy.local.problems import SetUpProblem


class BackupRefused(SetUpProblem):
    """The directory is no backup to restore from."""

    @classmethod
    def unfinished(cls, directory: Path) -> "BackupRefused":
        return cls(
            f"{directory} holds no finished backup (it has no manifest.json): the backup was cut short, or this is "
            "another directory; take an older backup."
        )

    @classmethod
    def damaged(cls, what: Path | str) -> "BackupRefused":
        return cls(f"{what} is not what the backup wrote: it was changed, cut short or exchanged; take another copy.")

    @classmethod
    def other_format(cls, directory: Path, found: object, known: int) -> "BackupRefused":
        return cls(
            f"{directory} has the format {found}, this program reads {known}: restore it with the program that made it."
        )

    @classmethod
    def other_secret(cls, directory: Path, name: str, made_with: str, here: str) -> "BackupRefused":
        return cls(
            f"{directory} was made with the secret {name} {made_with}, here is {here}: put the {name} of that system "
            "into the directory of the secrets."
        )


class CannotBackUp(SetUpProblem):
    """A backup cannot be made here and now."""


class CannotRestore(SetUpProblem):
    """The target is not fit for a restore."""
