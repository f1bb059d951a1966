"""A workbook in the browser: its faults, the failed rows put right, the same again, and everything taken back."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import SignIn
from tests.e2e.desk import expect_result, fits, save_download, shoot, upload
from tests.e2e.town import Town, save_workbook

pytestmark = pytest.mark.e2e
GOOD = 240
WITHDRAWN = 120
Cells = dict[tuple[str, str], str]


def spoil(town: Town, rows: list[dict[str, str]]) -> Cells:
    """Four kinds of faults in the first rows; answers what puts them right, by name and column title."""
    wrong = [row | {"name": f"沈错{at}"} for at, row in zip("甲乙丙丁", rows[:4], strict=True)]
    rows[:4] = wrong
    digit = wrong[0]["number"][-1]
    right: Cells = {
        ("沈错甲", "证件号码"): wrong[0]["number"],
        ("沈错乙", "所属团支部全称"): town.names["mended"],
        ("沈错丙", "入团日期"): wrong[2]["join_date"],
        ("沈错丁", "政治面貌"): "共青团员",
    }
    wrong[0]["number"] = wrong[0]["number"][:-1] + ("2" if digit == "1" else "1")
    wrong[1]["branch"] = "共青团浙江省杭州市西湖区没有的支部委员会"
    wrong[2]["join_date"] = "19-05"
    wrong[3]["political_status"] = "少先队员"
    return right


def put_right(path: Path, right: Cells) -> int:
    """Corrects cells of a workbook in place, as in a spreadsheet program; answers how many rows it has."""
    book = openpyxl.load_workbook(path)
    sheet = book["团员团干部"]
    columns = {str(cell.value or "").strip("*+ "): cell.column for cell in sheet[1]}
    found = {str(sheet.cell(row, columns["姓名"]).value): row for row in range(2, sheet.max_row + 1)}
    for (name, title), value in right.items():
        sheet.cell(found[name], columns[title]).value = value
    book.save(path)
    return len(found)


@pytest.mark.rule("MEM-09")
def test_faulty_rows_come_back_as_a_workbook_which_put_right_goes_in_as_it_is(
    signed_in: SignIn, town: Town, tmp_path: Path
) -> None:
    rows = town.rows("mended", GOOD + 4)
    right = spoil(town, rows)
    page = signed_in("county")
    upload(page, town.ids["county"], save_workbook(tmp_path / "社区团员.xlsx", rows))
    expect(page.locator("#job progress")).to_be_visible()
    shoot(page, "import-running")
    expect_result(page, GOOD, 4)
    faults = page.locator(".row-faults")
    for sentence in ("校验位不对", "没有叫这个名字", "年份要写4位", "不在可选范围内"):
        expect(faults.filter(has_text=sentence).first).to_be_visible()
    shoot(page, "import-with-faults")
    failed = save_download(page, page.get_by_role("link", name="失败行").first, tmp_path / "failed.xlsx")
    assert put_right(failed, right) == 4

    page.set_input_files("section[aria-labelledby=h-again] input[type=file]", failed)
    page.get_by_role("button", name="上传并检查").click()
    expect_result(page, 4, 0)
    shoot(page, "import-corrected")
    upload(page, town.ids["county"], save_workbook(tmp_path / "again.xlsx", [*rows[4:]]))
    expect_result(page, 0, 0)
    expect(page.locator(".meta")).to_contain_text(f"{GOOD} 位无变化")
    shoot(page, "import-unchanged")
    assert fits(page)


@pytest.mark.rule("MEM-27")
def test_more_than_a_hundred_people_are_withdrawn_by_two_admins(signed_in: SignIn, town: Town, tmp_path: Path) -> None:
    asking, confirming = signed_in("county"), signed_in("second")
    upload(asking, town.ids["county"], save_workbook(tmp_path / "误传.xlsx", town.rows("withdrawn", WITHDRAWN)))
    expect_result(asking, WITHDRAWN, 0)
    asking.get_by_role("link", name="撤回这次导入").click()
    dialog = asking.locator("#dialog")
    expect(dialog).to_contain_text("另一位管理员确认")
    shoot(asking, "withdrawal-dialog")
    dialog.get_by_role("button", name="提交撤回申请").click()
    expect(asking.locator("#main .alert-warning")).to_contain_text(f"{town.people['county'].name}申请撤回")
    expect(asking.get_by_role("button", name="确认撤回")).to_have_count(0)
    shoot(asking, "withdrawal-asked")

    confirming.goto(asking.url)
    shoot(confirming, "withdrawal-to-confirm")
    confirming.get_by_role("button", name=f"确认撤回 {WITHDRAWN} 人").click()
    expect(confirming.locator("h1")).to_have_text("导入已撤回", timeout=30_000)
    expect(confirming.locator(".alert-success").last).to_contain_text(f"已撤回 {WITHDRAWN} 人")
    shoot(confirming, "withdrawal-done")
    confirming.goto(f"/organizations/{town.ids['withdrawn']}/members")
    expect(confirming.locator("#list")).to_contain_text("这里还没有团员")
