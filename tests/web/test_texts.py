"""The message catalogue: complete, used, and the only place with words."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from services.web.pages import organizations, progress
from services.web.texts import GLOSS, LANGUAGES, ONE, SOURCE_LANGUAGE, UnknownText, catalogue, gloss, label, say, speak

WEB = Path(organizations.__file__).parents[1]
TEMPLATES = {path: path.read_text("utf-8") for path in WEB.glob("templates/**/*.html")}
CODE = {path: path.read_text("utf-8") for path in WEB.glob("**/*.py")}
HAN = re.compile(r"[\u4e00-\u9fff]")
ASKED = re.compile(r"\bt\('([a-z_0-9.]+)'(?! ~)")
# Texts found by a code: label('category', code), t('error.' ~ kind), say(f"imports.file_{kind}").
BY_CODE = {
    "account_state", "actor", "application_state", "batch_cause", "batch_state", "branch_kind", "browser", "campaign_step", "category",
    "chip", "code_column", "code_state", "complete_filter", "destination", "document_kind", "duty", "error", "exchange_cause",
    "exchange_difference", "exchange_none", "exchange_said", "exchange_stage", "exchange_tab", "field", "finding", "graduates_by", "graduation", "import_state", "income", "loop",
    "loop_says", "loop_todo", "marking", "measure", "merge_cause", "migration_event", "migration_ground", "migration_next",
    "migration_none", "migration_stage", "migration_state", "migration_tab", "missing_filter", "occasion", "outside_system",
    "period_standing", "reason", "register_of", "registration_reason", "role", "school_tab", "service", "span", "stake", "stuck",
    "transfer_searched",
    "system", "tab", "transfer_cause", "transfer_event", "transfer_next", "transfer_stage", "transfer_starter",
    "transfer_state", "transfer_tab", "transfer_turn", "verdict",
}  # fmt: skip
BY_PREFIX = (
    "imports.template_",
    "imports.file_",
    "imports.step_",
    "imports.title_",
    "imports.no_rows_",
    "imports.see_",
    "progress.file_",
    "graduates_trend.",
    "timeliness_trend.",
    "trend.",
    "schools.hint_",
    "schools.none_",
    "schools.nothing_",
    "transfers.none_",
)
# Values of the forms, as workbooks and services know them: not texts but data.
DATA = {"members/entry.html": {"男", "女", "是", "否"}, "members/list.html": set()}


def test_templates_hold_no_words_of_their_own() -> None:
    wrong = []
    for path, text in TEMPLATES.items():
        name = path.relative_to(WEB / "templates").as_posix()
        left = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
        for word in DATA.get(name, ()):
            left = left.replace(f"'{word}'", "")
        wrong += [f"{name}: {match.group()}" for match in HAN.finditer(left)]
    assert wrong == []


def test_every_text_that_is_asked_for_exists() -> None:
    asked = {found for text in TEMPLATES.values() for found in ASKED.findall(text)}
    quoted = {
        found
        for text in CODE.values()
        for found in re.findall(r'"((?:note|imports|sign_in|organizations)\.[a-z_]+)"', text)
    }
    assert sorted((asked | quoted) - catalogue().keys()) == []


def test_every_text_is_used() -> None:
    everything = "\n".join([*TEMPLATES.values(), *CODE.values()])
    unused = [
        text_id
        for text_id in catalogue()
        if text_id.split(".")[0] not in BY_CODE
        and not text_id.startswith(BY_PREFIX)
        and f"'{text_id}'" not in everything
        and f'"{text_id}"' not in everything
    ]
    assert unused == []


def test_a_template_gives_each_text_just_the_values_it_holds() -> None:
    wrong = []
    for path, text in TEMPLATES.items():
        for text_id, given in re.findall(r"\bt\('([a-z_0-9.]+)'((?:, \w+=)?)", text):
            holds = re.findall(r"\{(\w+)\}", catalogue().get(text_id, ""))
            counted = any(f"{text_id}{ONE}" in catalogue(spoken) for spoken in LANGUAGES)
            if bool(holds) != bool(given) and not (given and counted):
                wrong.append(f"{path.name}: {text_id} holds {holds}")
    assert wrong == []


def test_chinese_sentences_have_full_width_punctuation() -> None:
    half = re.compile(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]|[\u4e00-\u9fff]\.(\s|$)")
    assert [text_id for text_id, text in catalogue().items() if half.search(text)] == []


def test_neither_a_text_nor_a_value_brings_markup_into_a_page() -> None:
    said = say("note.entered", name="<script>alert(1)</script>")
    assert "<script>" not in said
    assert say("note.entered", name=Markup("<b>x</b>")) == "已录入“<b>x</b>”。"


def test_an_unknown_text_is_a_mistake_and_an_unknown_code_shows_itself() -> None:
    with pytest.raises(UnknownText):
        say("no.such_text")
    assert label("category", "new_kind") == "new_kind"


def test_every_code_of_the_other_services_has_a_name() -> None:
    named = catalogue()
    assert all(f"category.{code}" in named for code in organizations.CATEGORIES)
    assert all(f"tab.{code}" in named for code in progress.SECTORS)


@pytest.mark.rule("STA-03")
def test_the_sectors_stand_in_the_order_users_know() -> None:
    names = [label("tab", code) for code in progress.SECTORS]
    assert names == ["学校", "机关事业单位", "国有企业", "非公企业", "新社会组织", "城市社区", "农村", "其他"]


# Proper names and words that stand for themselves on the screen.
CHINESE_IN_ENGLISH = {"product.mark"}


@pytest.mark.parametrize("spoken", [each for each in LANGUAGES if each != SOURCE_LANGUAGE])
def test_every_language_says_all_and_with_the_same_values(spoken: str) -> None:
    source, other = catalogue(), catalogue(spoken)
    own = {text_id for text_id in other if text_id.startswith(f"{GLOSS}.") or text_id.endswith(ONE)}
    assert sorted(source.keys() ^ (other.keys() - own)) == []
    values = re.compile(r"\{(\w+)\}")
    assert [
        text_id for text_id, text in source.items() if set(values.findall(text)) != set(values.findall(other[text_id]))
    ] == []


def test_of_one_thing_english_says_so() -> None:
    speak("en")
    assert (say("graduates.days", days=1), say("graduates.days", days="1,001")) == ("1 day", "1,001 days")
    assert (say("unit.person"), say("unit.person", count="1")) == ("people", "person")
    assert say("batch.start", count=Markup("1")) == "Move 1 member"
    speak(SOURCE_LANGUAGE)
    assert say("graduates.days", days=1) == "1 天"


def test_a_form_for_one_holds_no_value_that_the_other_has_not() -> None:
    texts, values = catalogue("en"), re.compile(r"\{(\w+)\}")
    forms = [text_id.removesuffix(ONE) for text_id in texts if text_id.endswith(ONE)]
    assert forms
    assert [each for each in forms if set(values.findall(texts[each + ONE])) - set(values.findall(texts[each]))] == []


def test_english_texts_are_english() -> None:
    full_width = re.compile(r"[\u3000-\u303f\uff00-\uffef]")
    assert {text_id for text_id, text in catalogue("en").items() if HAN.search(text)} == CHINESE_IN_ENGLISH
    assert [text_id for text_id, text in catalogue("en").items() if full_width.search(text)] == []


def test_a_request_speaks_its_own_language_and_an_unknown_one_is_chinese() -> None:
    speak("en")
    assert (say("form.save"), label("category", "branch")) == ("Save", "Branch")
    assert (gloss("书记"), gloss("畲族"), gloss(None)) == ("书记 (secretary)", "畲族", "")
    assert label("reason", "contact", SOURCE_LANGUAGE) == "联系本人"
    for unknown in ("fr", "", None):
        speak(unknown)
        assert (say("form.save"), gloss("书记")) == ("保存", "书记")
