"""What people type, cleaned before it is judged, and judged as the text that it is."""

import pytest
from pydantic import TypeAdapter, ValidationError

from services.org.domain.fields import Address, FullName, ShortName
from shared.http.validation import sentence_of


@pytest.mark.rule("ORG-02")
@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        (ShortName, " 短 ", "至少2个字符"),
        (ShortName, "名" * 51, "最多50个字符"),
        (FullName, "共青团", "至少4个字符"),
        (Address, "路" * 201, "最多200个字符"),
    ],
)
def test_a_text_is_counted_in_characters(field: object, typed: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(field).validate_python(typed)
    [error] = caught.value.errors()
    assert sentence_of(error["type"], error["ctx"])[0] == sentence
