"""Names of the committees of administrative divisions (ORG-03)."""

from shared.reference.divisions import divisions, parent


def committee_names(code: str) -> tuple[str, str]:
    """Full and short name of the committee of a city or county: 共青团浙江省丽水市遂昌县委员会, 团遂昌县委."""
    names = [divisions()[code]]
    while (above := parent(code)) is not None:
        names.insert(0, divisions()[above])
        code = above
    return f"共青团{''.join(names)}委员会", f"团{names[-1]}委"
