"""OPS-08 in the console: central operators see how each part does, what that affects, and what to do next."""

import ast
import re

import pytest

from deploy.contracts.catalogue import composed
from services.web.pages.health import PAGE, SENTENCES
from services.web.settings import SERVICES
from services.web.texts import catalogue
from tests.architecture.tree import name, parsed, python_files
from tests.web.conftest import Browser
from tests.web.county import COUNTY, NOW
from tests.web.stage import Stage
from tests.web.test_parked import LINE

pytestmark = pytest.mark.rule("OPS-08")
READY = "GET /health/ready"
WELL = {"service": "any", "role": "all", "ready": True, "loops": {"any.people": {"ready": True, "detail": "lag 0"}}}


def one_loop(detail: str, *, ready: bool = False, role: str = "all") -> tuple[int, dict]:
    loops = {"org.people": {"ready": ready, "detail": detail}}
    return 200 if ready else 503, {"service": "org", "role": role, "ready": ready, "loops": loops}


@pytest.fixture
async def operator(stranger: Browser, stage: Stage) -> Browser:
    standing = {"organization": COUNTY, "full_name": "中央", "category": "leading_body", "role": "operator"}
    stage.standings = [standing]
    stage.answers[READY] = (200, WELL)
    stage.answers["GET /v1/parked"] = (200, {"items": []})
    await stranger.sign_in()
    return stranger


async def test_a_system_that_is_well_is_said_in_one_sentence(operator: Browser, stage: Stage):
    stage.answers["GET /v1/progress/hours"] = (200, {"items": ["2999-01-01T00:00:00Z"]})
    page = (await operator.get(PAGE)).text
    assert "各部分运行正常" in page
    assert len(stage.sent("GET", "/health/ready")) == len(SERVICES)
    assert "<details" in page
    assert "open>" not in page
    assert f'href="{PAGE}"' in (await operator.get("/home")).text


@pytest.mark.rule("IDN-08")
async def test_nobody_else_sees_the_page_or_its_entry_in_the_menu(admin: Browser, stage: Stage):
    assert (await admin.get(PAGE)).status_code == 403
    assert stage.sent("GET", "/health/ready") == []
    assert PAGE not in (await admin.get("/home")).text


@pytest.mark.parametrize(
    ("detail", "says", "then"),
    [
        ("stopped: a gap in org.events.v1/3", "已停止，需要人来处理：a gap in org.events.v1/3", "查看 tuan logs org"),
        ("failed, starts again: KafkaError", "出错后正在自动重试：KafkaError", "它会自己继续"),
        ("lag 1200", "还有 1200 条未处理", "一般只需等待"),
        ("rights are known as of 75.2 s ago", "75.2 秒前的权限已全部知道", "所有修改都会被拒绝"),
        ("<script>what nobody foresaw</script>", "&lt;script&gt;what nobody foresaw", "查看 tuan logs org"),
    ],
)
async def test_a_loop_that_is_not_ready_says_what_it_is_and_what_to_do(
    operator: Browser, stage: Stage, detail: str, says: str, then: str
):
    stage.answers[READY] = one_loop(detail)
    page = (await operator.get(PAGE)).text
    assert says in page
    assert then in page
    assert page.count("<details") == page.count(" open>") == len(SERVICES)


async def test_a_silent_service_says_what_that_affects_and_which_command_is_next(operator: Browser, stage: Stage):
    stage.silent |= {"stats"}
    page = (await operator.get(PAGE)).text
    assert "录入进度的数字暂不更新" in page
    assert "tuan logs stats" in page
    stage.silent |= {"org", "member"}
    page = (await operator.get(PAGE)).text
    assert page.count("没有答复") >= 3


async def test_where_roles_are_processes_of_their_own_it_says_what_it_does_not_see(operator: Browser, stage: Stage):
    stage.answers[READY] = one_loop("rights are known as of 0.2 s ago", ready=True, role="api")
    stage.silent |= {"relay"}
    page = (await operator.get(PAGE)).text
    assert "另有进程" in page
    assert "变更中继" not in page


@pytest.mark.rule("P5", "STA-01")
async def test_parked_records_and_an_overdue_hour_are_ills_of_the_whole(operator: Browser, stage: Stage):
    stage.answers["GET /v1/parked"] = (200, {"items": [LINE]})
    stage.answers["GET /v1/progress/hours"] = (200, {"items": [NOW.replace(year=2020).isoformat()]})
    page = (await operator.get(PAGE)).text
    assert "有 2 项需要处理" in page
    assert "最早的一条" in page
    assert "没有按时公布" in page


def test_what_loops_say_of_themselves_is_known_here():
    """Every constant sentence of a health in the tree; otherwise operators would read English amid Chinese.

    A new one is a row of `SENTENCES` and a text under `[loop_says]`, or joins a row that says the same.
    """
    said = []
    for path in python_files("services", "shared"):
        for call in ast.walk(parsed(path)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Health":
                details = [each.value for each in call.keywords if each.arg == "detail"]
                said += [(name(path), text) for detail in details for text in constant(detail)]
    assert len(said) > 10
    patterns = [re.compile(pattern) for pattern, _, _ in SENTENCES]
    assert [each for each in said if not any(pattern.fullmatch(each[1]) for pattern in patterns)] == []


def constant(value: ast.expr) -> list[str]:
    """The texts that a `detail` can be, with a number where a value stands; none of what is only a name."""
    match value:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) else "1" for part in parts)]
        case ast.IfExp(body=body, orelse=orelse):
            return [*constant(body), *constant(orelse)]
    return []


def test_every_service_and_every_loop_has_a_name_for_operators_and_says_what_its_silence_affects() -> None:
    loops = {loop.name.partition(".")[2] for service in composed().values() for loop in service.loops}
    wanted = {f"loop.{loop}" for loop in loops} | {
        f"{kind}.{name}" for name in SERVICES for kind in ("service", "stake")
    }
    assert sorted(wanted - catalogue().keys()) == []
