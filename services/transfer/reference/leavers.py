"""TRF-16, TRF-19: where graduates and leavers go, by what they say of themselves: dated rows, as the other lists."""

from dataclasses import dataclass, replace

from services.transfer.reference import Listed

SPECIAL_REASONS = (
    Listed("joined_army", "参军入伍", "Joined the army"),
    Listed("classified_unit", "涉密单位", "Works in a classified unit"),
)
"""TRF-16: the only reasons for a special unit, and reasons for nothing else."""

WORK_REASONS = frozenset({"work_with_organization", "work_without_organization", "change_of_work"})
UNDECIDED, NO_WORK, HOME, TALENT_CENTRE = "undecided", "no_work_yet", "floating_of_home", "talent_centre"
WITHOUT_WORK = frozenset({HOME, TALENT_CENTRE})
FLOATING = frozenset({"floating_of_work", "floating_of_using_unit", HOME, TALENT_CENTRE})
"""A talent-exchange centre may well have a floating branch."""
BRIDGING = "bridging_of_park"
SAYS_WHERE = WORK_REASONS | {UNDECIDED, "further_study", "change_of_school"}
"""Reasons that say themselves where somebody goes: such a one goes with no place that leads elsewhere."""
_WITH, _WITHOUT = ("work_with_organization", "change_of_work"), ("work_without_organization", "change_of_work")
_SETTLED_NOWHERE = (UNDECIDED, "return_home", "leaving_school", "study_abroad")
REASONS_OF = {
    "employer": _WITH,
    "floating_of_work": _WITHOUT,
    BRIDGING: _WITHOUT,
    "using_unit": _WITH,
    "agency": ("work_without_organization", *_WITH),
    "floating_of_using_unit": _WITHOUT,
    "school": ("further_study", "change_of_school"),
    HOME: _SETTLED_NOWHERE,
    TALENT_CENTRE: _SETTLED_NOWHERE,
    "town_of_household": ("return_home", UNDECIDED),
}
"""TRF-15, GRD-08: of each place the reasons that lead there, the first of them for who graduates. Where the employer
has an organization nobody goes to a floating or bridging branch; the agency's is for whose using unit has none.
"""

PLACES = (
    Listed("employer", "工作单位的团组织", "The employer's organization"),
    Listed("floating_of_work", "工作单位所在地乡镇街道的流动团支部", "The floating branch of the town of the work"),
    Listed(BRIDGING, "所在园区的学社衔接临时团支部", "The bridging branch of the park"),
    Listed("using_unit", "用工单位的团组织", "The organization of the unit where they work"),
    Listed("agency", "劳务派遣单位的团组织", "The agency's organization"),
    Listed("floating_of_using_unit", "用工单位所在地乡镇街道的流动团支部", "The floating branch where that unit is"),
    Listed("school", "录取学校的团组织", "The school's organization"),
    Listed(HOME, "户籍地、生源地或父母居住地乡镇街道的流动团支部", "The floating branch of home"),
    Listed(TALENT_CENTRE, "人才交流中心的团组织", "The organization of a talent-exchange centre"),
    Listed("town_of_household", "户籍所在地乡镇街道的团组织", "The organization of the town of the household register"),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a member says of themselves; `places` are the codes of where they may go, the first choice first.

    `works`: then home is none of them, whatever else is said.
    """

    code: str
    zh: str
    en: str
    places: tuple[str, ...]
    works: bool = False


SITUATIONS = (
    Situation(
        "has_work",
        "已落实工作（含自主创业、试用期）",
        "Has work, also self-employed or on probation",
        ("employer", "floating_of_work", BRIDGING),
        works=True,
    ),
    Situation(
        "agency_worker",
        "劳务派遣工",
        "Works through an agency",
        ("using_unit", "agency", "floating_of_using_unit"),
        works=True,
    ),
    Situation("accepted_by_school", "已被学校录取", "Accepted by a school", ("school",)),
    Situation(NO_WORK, "还没有落实工作", "No work yet", (HOME,)),
    Situation(
        "left_a_job",
        "已离职",
        "Left a job",
        ("employer", "floating_of_work", "town_of_household"),
    ),
)
_NAMES = {each.code: each for each in PLACES}


def situations(*, talent_centre: bool) -> tuple[Situation, ...]:
    """`talent_centre`: a province allows it as a further place of who has no work yet."""
    if not talent_centre:
        return SITUATIONS
    more = (TALENT_CENTRE,)
    return tuple(replace(each, places=each.places + more) if each.code == NO_WORK else each for each in SITUATIONS)


def named(places: tuple[str, ...]) -> tuple[str, str]:
    """Chinese and English, as a sentence lists them."""
    rows = [_NAMES[code] for code in places]
    return "、".join(row.zh for row in rows), ", ".join(row.en for row in rows)
