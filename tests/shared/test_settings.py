"""What a process refuses to be told, and how it is told secrets."""

from pathlib import Path
from typing import Any

import pytest

from deploy.roots import settings_of
from services.identity.settings import IdentitySettings
from services.web.settings import WebSettings
from shared.runtime.parts import SOURCES
from shared.runtime.production import is_loopback
from shared.runtime.settings import Deployment, Environment, Settings

HERE = {"mongo_url": "mongodb://127.0.0.1:27017/?replicaSet=rs0", "kafka": "localhost:9092"}
CONSOLE = {"console_origin": "https://tuan.example"}
PASSWORD = "kVq3-wT9z_Lm27rXp"
ELSEWHERE = {
    "host": "0.0.0.0",
    "peers": "https://{service}:{port}",
    "tls_dir": Path("/run/tuan/tls"),
    "mongo_url": f"mongodb://tuan:{PASSWORD}@db1:27017,db2:27017/?replicaSet=rs0&tls=true",
    "kafka": "k1:9092,k2:9092",
}
KINDS = [(Settings, HERE), *((settings_of(name), HERE) for name in SOURCES), (WebSettings, CONSOLE)]


@pytest.mark.parametrize(("kind", "rest"), KINDS)
def test_production_refuses_a_moved_clock_and_is_what_a_process_is_unless_told(
    kind: type[Deployment], rest: dict[str, Any]
) -> None:
    assert kind(**rest).environment is Environment.PRODUCTION
    with pytest.raises(ValueError, match="TUAN_CLOCK_OFFSET_SECONDS"):
        kind(clock_offset_seconds=3600.0, **rest)
    moved = kind(environment="demonstration", clock_offset_seconds=3600.0, **rest)
    assert moved.clock_offset_seconds == 3600.0


@pytest.mark.parametrize("kind", [Settings, IdentitySettings])
def test_production_on_several_machines_starts_with_everything_encrypted(
    kind: type[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TUAN_PORT_BASE", raising=False)
    settings = kind(**ELSEWHERE)
    assert settings.address("org") == "https://org:18001"
    assert kind(**ELSEWHERE | {"mongo_url": f"mongodb+srv://tuan:{PASSWORD}@db.example/"}).host == "0.0.0.0"
    by_certificate = "mongodb://db1/?tls=true&authMechanism=MONGODB-X509&tlsCertificateKeyFile=/run/tuan/tls/both.pem"
    assert kind(**ELSEWHERE | {"mongo_url": by_certificate}).kafka == "k1:9092,k2:9092"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"tls_dir": None}, "listens in clear on loopback only"),
        ({"tls_dir": None, "host": "127.0.0.1"}, "events would travel in clear"),
        ({"peers": "http://{service}:{port}"}, "tokens would travel in clear"),
        ({"mongo_url": f"mongodb://tuan:{PASSWORD}@db1/?replicaSet=rs0"}, "records would travel in clear"),
        ({"mongo_url": f"mongodb://tuan:{PASSWORD}@db1/?tls=false"}, "records would travel in clear"),
        ({"mongo_url": f"mongodb+srv://tuan:{PASSWORD}@db1/?ssl=false"}, "records would travel in clear"),
        ({"mongo_url": f"mongodb://tuan:{PASSWORD}@127.0.0.1,db1/?replicaSet=rs0"}, "records would travel in clear"),
        ({"mongo_url": f"mongodb://tuan:{PASSWORD}@db1/?tls=true&tlsInsecure=true"}, "does not check"),
        ({"mongo_url": f"mongodb://t:{PASSWORD}@db1/?tls=true&tlsAllowInvalidCertificates=true"}, "does not check"),
        ({"mongo_url": "mongodb://db1/?tls=true"}, "no credentials"),
        ({"mongo_url": "mongodb://tuan:changeme@db1/?tls=true"}, "weak"),
        ({"mongo_url": "mongodb://tuan:aaaaaaaaaaaaaaaaaaaaaaaa@db1/?tls=true"}, "weak"),
    ],
)
def test_production_refuses_what_travels_in_clear_and_passwords_that_can_be_guessed(
    changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Settings(**ELSEWHERE | changed)
    assert Settings(environment="test", **ELSEWHERE | changed).environment is Environment.TEST


def test_a_refusal_never_repeats_the_password() -> None:
    with pytest.raises(ValueError, match="weak") as refused:
        Settings(**ELSEWHERE | {"mongo_url": "mongodb://tuan:changeme@db1/?tls=true"})
    assert "changeme" not in str(refused.value)


def test_production_needs_the_console_s_https_address() -> None:
    with pytest.raises(ValueError, match="TUAN_CONSOLE_ORIGIN"):
        WebSettings(console_origin="http://tuan.example")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1:9092", True),
        ("localhost", True),
        ("[::1]:9092", True),
        ("127.8.0.1", True),
        ("0.0.0.0", False),
        ("10.0.0.1:9092", False),
        ("localhost.example:9092", False),
        ("", False),
    ],
)
def test_only_loopback_is_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_a_secret_setting_may_be_a_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TUAN_MONGO_URL", "TUAN_KAFKA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TUAN_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("TUAN_KAFKA", "localhost:9092")
    (tmp_path / "tuan_mongo_url").write_text("mongodb://localhost/from-a-file\n")
    assert Settings().mongo_url == "mongodb://localhost/from-a-file"
    monkeypatch.setenv("TUAN_MONGO_URL", "mongodb://localhost/told")
    assert Settings().mongo_url == "mongodb://localhost/told"
