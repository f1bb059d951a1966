"""Charts as the server draws them, and the pages that hold them beside their tables (STA-05)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.web.answers.stats import MemberPoint
from services.web.charts import HEIGHT, WIDTH, day_of, line_chart, scale_of, spans_of, within
from tests.web.conftest import Browser
from tests.web.county import NOW, trend_points
from tests.web.stage import Stage

pytestmark = pytest.mark.rule("STA-05")
MIDNIGHT = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)


def points(*hours: datetime) -> list[MemberPoint]:
    return [MemberPoint(hour=hour) for hour in hours]


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (3, 4), (10, 10), (11, 12), (13, 16), (101, 120), (9107, 10_000), (80_000_000, 80_000_000)],
)
def test_a_scale_begins_at_zero_and_ends_at_an_even_round_number(most: int, top: int):
    assert scale_of(most) == top


def test_a_line_goes_by_the_time_between_hours_and_a_missing_hour_leaves_its_room():
    chart = line_chart([NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=4)], [0, 50, 100], [0, 0, 25])
    assert chart.top == 100
    assert chart.lines[0].path == f"M0 {HEIGHT}L150 {HEIGHT // 2}L{WIDTH} 0"
    assert chart.lines[1].mark == f"M{WIDTH} 150h0"
    assert (chart.begins, chart.middle, chart.ends) == (NOW, NOW + timedelta(hours=2), NOW + timedelta(hours=4))
    assert [(line.first, line.last) for line in chart.lines] == [(0, 100), (0, 25)]


def test_one_hour_makes_no_line():
    assert line_chart([], [], []) is None
    assert line_chart([NOW], [3], [2]) is None


def test_midnight_counts_to_the_day_that_it_closes():
    assert (day_of(MIDNIGHT).day, day_of(MIDNIGHT + timedelta(hours=1)).day) == (19, 20)
    shown = points(MIDNIGHT - timedelta(days=3), MIDNIGHT - timedelta(hours=1), MIDNIGHT, NOW)
    assert [point.hour for point in within(shown, "days")] == [MIDNIGHT - timedelta(days=3), MIDNIGHT, NOW]
    assert [point.hour for point in within(shown, "hours")] == [MIDNIGHT - timedelta(hours=1), MIDNIGHT, NOW]


def test_days_are_offered_once_there_are_more_than_two():
    assert spans_of([]) == ("hours",)
    assert spans_of(points(NOW - timedelta(hours=47), NOW)) == ("hours",)
    assert spans_of(points(NOW - timedelta(hours=48), NOW)) == ("days", "hours")


@pytest.mark.parametrize("path", ["/home", "/progress/members", "/progress/cadres"])
async def test_a_chart_is_named_and_described_and_its_table_says_the_same(admin: Browser, path: str):
    page = (await admin.get(path)).text
    for drawn in re.findall(r'<svg class="chart-plot".*?</svg>', page, re.DOTALL):
        named = re.search(r'role="img" aria-labelledby="([\w-]+)" aria-describedby="([\w-]+)"', drawn)
        assert all(f'id="{each}"' in drawn for each in named.groups())
        assert "style=" not in drawn
    assert "录入进度变化" in page
    if path == "/progress/members":
        assert "10月7日至11月20日 10:00，总数从 15 变为 1,350，其中已完成录入从 13 变为 1,215。" in page
    table = page[page.index('class="chart-table"') :]
    assert "11月20日 10:00" in table
    assert "10月7日" in table


@pytest.mark.parametrize("path", ["/home", "/progress/members"])
async def test_no_hour_yet_and_one_hour_are_said_in_words(admin: Browser, stage: Stage, path: str):
    line = "GET /v1/progress/members/trend"
    stage.answers[line] = (200, {"points": []})
    page = (await admin.get(path)).text
    assert "数字还没有公布" in page
    assert "chart-plot" not in page
    stage.answers[line] = (200, {"points": trend_points(hours=1, days=0)})
    page = (await admin.get(path)).text
    assert "目前只有一个整点的数字" in page
    assert "chart-plot" not in page


async def test_the_span_stands_in_the_address_and_the_sector_in_the_question(admin: Browser, stage: Stage):
    page = (await admin.get("/progress/members?span=hours&sector=school")).text
    assert "10月7日" not in page
    assert "span=days" in page
    assert stage.sent("GET", "/v1/progress/members/trend")[-1].url.params["sector"] == "school"
    stage.answers["GET /v1/progress/members/trend"] = (200, {"points": trend_points(days=0)})
    assert "span=" not in (await admin.get("/progress/members")).text


async def test_a_trend_that_cannot_be_had_is_a_gap_and_the_page_stays(admin: Browser, stage: Stage):
    stage.answers["GET /v1/progress/members/trend"] = (502, {})
    page = (await admin.get("/progress/members")).text
    assert "统计服务暂时没有答复" in page
    assert "妙高街道工作委员会" in page


@pytest.mark.rule("STA-03")
async def test_a_sector_s_bar_shows_its_share_of_all_and_how_much_of_it_is_complete(admin: Browser):
    page = (await admin.get("/progress/members")).text
    bars = page[page.index('class="chart-bars"') :]
    first = bars[: bars.index("</li>")]
    assert "占全部 46.3%，共 618，其中已完成录入 604。" in first
    assert 'width="1000" height="10"' in first
    assert f'width="{604 * 1000 // 618}" height="10"' in first
