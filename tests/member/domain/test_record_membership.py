"""Membership: ages, development numbers, branches (MEM-02 to MEM-06)."""

import pytest

from services.member.domain.faults import Fault
from services.member.domain.person import DevelopmentNumberTaken
from services.member.domain.record import judge_record
from services.member.reference.ages import JOIN_AGES
from services.member.reference.dated import in_force, region_of
from services.member.reference.development_numbers import NUMBER_RULES, Segment
from tests.member.people import BRANCH, COUNTY, Place, cadre_row, cadres, card, codes, in_region, member_row, members

XINJIANG = "新疆维吾尔自治区"
CORPS = "新疆生产建设兵团"


def joined(birth, on, region="浙江省", number=None):
    """Fault codes of somebody born and joined on these days; number faults apart."""
    row = member_row(number=card(birth), join_date=on, development_number=number or f"{on[:4]}33000001")
    return [code for field, code in codes(judge_record(row, in_region(region))) if field == "join_date"]


@pytest.mark.rule("MEM-04")
@pytest.mark.parametrize(
    ("birth", "on", "region", "refused"),
    [
        ("20050504", "2019-05-04", "浙江省", False),
        ("20050505", "2019-05-04", "浙江省", True),
        ("20050531", "2019-05", "浙江省", False),
        ("20050601", "2019-05", "浙江省", True),
        ("20041231", "2018-12", "浙江省", False),
        ("20051231", "2018-12-31", "浙江省", False),
        ("20060101", "2018-12-31", "浙江省", True),
        ("20040101", "2017-01-01", "浙江省", False),
        ("20040102", "2017-01-01", "浙江省", True),
        ("20041231", "2016-12-31", "浙江省", False),
        ("20050101", "2016-12", "浙江省", True),
        ("20041231", "2016-12-31", XINJIANG, True),
        ("20031231", "2016-12-31", XINJIANG, False),
        ("20051231", "2018-12-31", CORPS, False),
        ("20060101", "2018-12-31", CORPS, True),
        ("20050102", "2019-01-01", XINJIANG, True),
        ("20050101", "2019-01-01", XINJIANG, False),
        ("20041231", "2016-12-31", CORPS, True),
        ("20031231", "2016-12-31", CORPS, False),
    ],
)
def test_age_at_joining_has_a_lower_bound_by_date_and_region(birth, on, region, refused):
    assert joined(birth, on, region) == (["joined_too_young"] if refused else [])


@pytest.mark.rule("MEM-04")
def test_the_refusal_names_the_age_the_version_and_the_way_out():
    row = member_row(number=card("20060304"), join_date="2019-05", development_number="201933000001")
    (fault,) = judge_record(row, members()).faults
    assert (fault.rule, fault.version, fault.params["minimum"]) == ("MEM-04", "join-age-2019", "14")
    assert fault.line.startswith("[MEM-04] 入团日期：入团时未满14周岁（依据：2019年起入团的年龄规则）；")
    assert "省级团委" in fault.way_out


@pytest.mark.rule("MEM-05")
@pytest.mark.parametrize(
    ("birth", "position", "code"),
    [
        ("20121123", None, "too_young"),
        ("20121122", None, None),
        ("20121123", "书记", "too_young"),
        ("19981122", None, "too_old"),
        ("19981123", None, None),
        ("19981122", "书记", None),
        ("19700101", "书记", None),
    ],
)
def test_age_on_the_day_of_entry_has_bounds(birth, position, code):
    since = "2026-01-01" if position else None
    row = member_row(number=card(birth), positions=position, position_since=since, join_date="2026-11-22")
    judged = judge_record(row | {"development_number": "202633000001"}, members())
    assert [c for field, c in codes(judged) if field == "birth_date"] == ([code] if code else [])


@pytest.mark.rule("MEM-05", "MEM-24")
def test_whoever_the_template_for_cadres_names_is_never_too_old_even_while_the_position_is_missing():
    assert codes(judge_record(cadre_row(positions=""), cadres())) == [("positions", "missing")]


@pytest.mark.rule("MEM-06")
@pytest.mark.parametrize(
    ("on", "region", "number", "code"),
    [
        ("2015-05", "浙江省", "", None),
        ("2015-05", "浙江省", "2015-1", None),
        ("2015-05", "浙江省", "2015", "development_number_length"),
        ("2015-05", "浙江省", "2014123", "development_number_year"),
        ("2015-05", "浙江省", "2015号12", "development_number_malformed"),
        ("2015-05", "浙江省", "2015" + "1" * 26, None),
        ("2015-05", "浙江省", "2015" + "1" * 27, "development_number_length"),
        ("2016-05", "浙江省", "", None),
        ("2016-05", "浙江省", "20161", None),
        ("2015-12-31", XINJIANG, "", None),
        ("2016-01-01", XINJIANG, "", "development_number_missing"),
        ("2016-05", CORPS, "20161", "development_number_length"),
        ("2016-05", XINJIANG, "201665000001", None),
        ("2016-12-31", "浙江省", "", None),
        ("2017-01-01", "浙江省", "", "development_number_missing"),
        ("2017-05", "浙江省", "201733000001", None),
        ("2017-05", "浙江省", "201833000001", None),
        ("2018-05", "浙江省", "201733000001", None),
        ("2017-05", "浙江省", "201933000001", "development_number_year"),
        ("2018-05", "浙江省", "201633000001", "development_number_year"),
        ("2019-01-01", "浙江省", "201833000001", "development_number_year"),
        ("2019-01-01", "浙江省", "", "development_number_missing"),
        ("2020-05", "浙江省", "201933000001", "development_number_year"),
        ("2019-05", "浙江省", "201933000001", None),
        ("2019-05", "浙江省", "20193300001", "development_number_length"),
        ("2019-05", "浙江省", "2019330000012", "development_number_length"),
        ("2019-05", "浙江省", "20193300000A", "development_number_malformed"),
        ("2019-05", "浙江省", "２０１９３３０００００１", None),
        ("2019-05", "浙江省", 201933000001.0, None),
        ("2019-05", "浙江省", "2.01933E+11", "development_number_digits_lost"),
        ("2015-05", "山东省", "2015160000000001", None),
        ("2016-05", "山东省", "2015160000000001", None),
        ("2016-05", "山东省", "2016170000000001", None),
        ("2017-05", "山东省", "2016170000000001", None),
        ("2018-05", "山东省", "2016170000000001", "development_number_length"),
        ("2017-05", "山东省", "2015160000000001", "development_number_length"),
        ("2017-05", "山东省", "201617000000001", "development_number_length"),
        ("2017-05", "山东省", 2016170000000001.0, "development_number_digits_lost"),
    ],
)
def test_development_number_by_join_date_and_region(on, region, number, code):
    row = member_row(number=card("19990101"), join_date=on, development_number=number)
    judged = judge_record(row, in_region(region))
    assert codes(judged) == ([("development_number", code)] if code else [])
    if code and code != "development_number_digits_lost":
        assert judged.faults[0].version in {rule.version for rule in NUMBER_RULES}


@pytest.mark.rule("MEM-06")
def test_segment_is_checked_where_a_province_has_supplied_its_ranges():
    segments = (Segment(version="segments-33-2022", year=2022, province="33", first=100, last=500),)
    for number in ("202233000100", "202233000500"):
        inside = judge_record(member_row(development_number=number), members(segments=segments))
        assert (inside.faults, inside.notes) == ((), ())
    for number in ("202233000099", "202233000501"):
        outside = judge_record(member_row(development_number=number), members(segments=segments))
        assert codes(outside) == [("development_number", "development_number_segment")]
        assert outside.faults[0].version == "segments-33-2022"
        assert outside.faults[0].what.startswith("号段不对")
    elsewhere = judge_record(member_row(development_number="202232000501"), members(segments=segments))
    assert elsewhere.faults == ()
    assert [(note.code, note.params) for note in elsewhere.notes] == [("segment_not_checked", {"province": "32"})]


@pytest.mark.rule("MEM-06")
def test_words_for_each_fault_are_those_users_know():
    def sentence(number):
        return judge_record(member_row(development_number=number), members()).faults[0].what

    assert sentence("202133000001").startswith("前四位年份与入团时间不一致")
    assert sentence("20223300001").startswith("位数不对")
    assert sentence("2022330000AB").startswith("填写有误（格式不对）")
    assert sentence("").startswith("按入团日期必须填写发展团员编号（依据：2019年起入团的发展团员编号规则）")
    for taken in (Fault("development_number_taken", "development_number").what, DevelopmentNumberTaken().sentence()):
        assert taken.startswith("发展团员编号被占用")


@pytest.mark.rule("MEM-04", "MEM-06")
@pytest.mark.parametrize("table", [JOIN_AGES, NUMBER_RULES])
def test_reference_tables_have_no_hole_and_no_clash(table):
    """Every day of a century has one row in each region, and the version ids are all different."""
    from datetime import date, timedelta

    assert len({row.version for row in table}) == len(table)
    for days in range(0, 36500, 27):
        on = date(1950, 1, 1) + timedelta(days=days)
        for region in ("新疆", "浙江省"):
            special = [row for row in table if row.region == region and row.valid_from <= on <= row.valid_to]
            general = [row for row in table if row.region is None and row.valid_from <= on <= row.valid_to]
            assert len(special) <= 1
            assert len(general) == 1
            assert in_force(table, on, region) == (special or general)[0]
    assert region_of("共青团新疆维吾尔自治区委员会") == region_of(CORPS) == "新疆"


@pytest.mark.rule("MEM-02", "MEM-03")
def test_a_branch_is_found_by_its_full_name_whatever_the_spaces_and_brackets():
    judged = judge_record(member_row(branch="示例县第一中学 高一（1）班团支部"), members())
    assert judged.record.branch == BRANCH.id
    assert judged.record.branch_name == BRANCH.full_name


@pytest.mark.rule("MEM-02", "MEM-03")
def test_a_branch_that_is_no_direct_subordinate_is_refused():
    assert codes(judge_record(member_row(branch="别县第一中学团支部"), members())) == [("branch", "branch_unknown")]
    assert codes(judge_record(member_row(branch=COUNTY.full_name), members())) == [("branch", "branch_unknown")]
    assert codes(judge_record(member_row(branch=None), members())) == [("branch", "missing")]


@pytest.mark.rule("MEM-02")
def test_a_name_held_twice_is_refused_with_both_places():
    twin = Place("organization-twin", BRANCH.full_name, "branch", "浙江省", "示例县委 / 二中团委")
    (fault,) = judge_record(member_row(), members(branches=(BRANCH, twin))).faults
    assert fault.code == "branch_named_twice"
    assert BRANCH.path in fault.sentence
    assert twin.path in fault.sentence


@pytest.mark.rule("MEM-03")
def test_a_branch_uploading_for_itself_need_not_name_itself_and_may_name_no_other():
    own = members(own=BRANCH, branches=())
    assert judge_record(member_row(branch=None), own).record.branch == BRANCH.id
    assert judge_record(member_row(), own).record.branch == BRANCH.id
    assert codes(judge_record(member_row(branch="别的团支部"), own)) == [("branch", "branch_not_own")]


@pytest.mark.rule("MEM-01", "MEM-02", "MEM-05")
def test_political_status_decides_who_may_be_entered_as_what():
    assert codes(judge_record(member_row(political_status=None), members())) == [("political_status", "missing")]
    masses = member_row(political_status="群众", join_date=None, development_number=None)
    assert codes(judge_record(masses, members())) == [("political_status", "masses_without_position")]
    held = masses | {"positions": "其他委员", "position_since": "2025-01-01"}
    assert judge_record(held, members()).record.is_member is False
    contradiction = held | {"join_date": "2022-05"}
    assert codes(judge_record(contradiction, members())) == [("political_status", "masses_as_member")]


@pytest.mark.rule("MEM-01", "MEM-05")
def test_join_date_is_required_of_members_but_not_of_an_older_party_member_in_a_position():
    assert ("join_date", "missing") in codes(judge_record(member_row(join_date=None), members()))
    teacher = member_row(
        political_status="党员",
        positions="书记",
        position_since="2024-09-01",
        join_date=None,
        development_number=None,
    )
    for birth in ("19850101", "19981122"):
        assert judge_record(teacher | {"number": card(birth)}, members()).record.is_member is False
    young = teacher | {"number": card("19981123")}
    assert codes(judge_record(young, members())) == [("join_date", "missing")]


@pytest.mark.rule("MEM-24")
def test_a_cadre_may_belong_to_a_branch_elsewhere_which_is_then_only_named():
    row = cadre_row(
        number=card("20000101"),
        political_status="共青团员",
        is_member="是",
        branch="外地团支部",
        join_date="2016-05",
    )
    record = judge_record(row, cadres()).record
    assert (record.is_member, record.branch, record.branch_name) == (True, None, "外地团支部")
    own = judge_record(row | {"branch": BRANCH.full_name}, cadres()).record
    assert own.branch == BRANCH.id
    assert codes(judge_record(row | {"branch": None, "join_date": None}, cadres())) == [
        ("branch", "missing"),
        ("join_date", "missing"),
    ]


@pytest.mark.rule("MEM-24")
def test_a_league_member_not_marked_as_such_is_a_warning_and_masses_as_member_a_fault():
    warned = judge_record(cadre_row(number=card("20000101"), political_status="团员"), cadres())
    assert [warning.code for warning in warned.warnings] == ["league_member_not_marked"]
    assert warned.record.is_member is False
    masses = cadre_row(political_status="群众", is_member="是", branch=BRANCH.full_name, join_date="2005-05")
    assert codes(judge_record(masses, cadres())) == [("political_status", "masses_as_member")]
