"""Kafka's jars are the locked ones, or nothing starts."""

from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.problems import SetUpProblem


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache whose resolver finds just the jars that are there."""
    for folder, name in (("modules", "a-1.jar"), ("jars", "b-2.jar")):
        path = tmp_path / "cache" / "envs" / folder / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
    lock = tmp_path / "kafka-jars.lock"
    lock.write_text(jars.lock_text(sorted((tmp_path / "cache").rglob("*.jar"))))
    monkeypatch.setattr(jars, "LOCK_FILE", lock)
    monkeypatch.setattr(jars, "_resolve", jars._present)
    return tmp_path / "cache"


def test_jars_of_both_folders_are_on_the_class_path(cache: Path) -> None:
    path = jars.kafka_class_path(cache).split(":")
    assert [Path(jar).name for jar in path] == ["b-2.jar", "a-1.jar"]


def test_a_jar_with_other_content_is_named_and_refused(cache: Path) -> None:
    (cache / "envs" / "jars" / "b-2.jar").write_bytes(b"other")
    (cache / "envs" / "jars" / "c-3.jar").write_bytes(b"more")
    with pytest.raises(SetUpProblem, match=r"b-2\.jar, c-3\.jar"):
        jars.kafka_class_path(cache)


def test_a_missing_jar_is_named(cache: Path) -> None:
    (cache / "envs" / "modules" / "a-1.jar").unlink()
    with pytest.raises(SetUpProblem, match=r"a-1\.jar"):
        jars.kafka_class_path(cache)


def test_every_kafka_jar_of_the_lock_has_the_one_version() -> None:
    """Mixed versions start and then die with NoSuchMethodError."""
    names = [line.split()[1] for line in jars.LOCK_FILE.read_text().splitlines()]
    kafka = [name for name in names if name.startswith("kafka")]
    assert len(kafka) > 10
    assert [name for name in kafka if not name.endswith("-4.3.0.jar")] == []
