"""Processes speak TLS with one another: who has no certificate of the authority is not believed."""

import asyncio
import os
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.certificates import make_certificates
from deploy.local.ports import free_block
from services.web.settings import WebSettings
from shared.http.client import service_client
from shared.runtime.settings import Deployment
from tests.commands import Command


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tls")
    make_certificates(directory, {"web": ("127.0.0.1", "web"), "org": ("127.0.0.1", "org")})
    return directory


@pytest.fixture(scope="module")
def console(folders: Path) -> Iterator[WebSettings]:
    """The console's process in production, listening over TLS."""
    ports = free_block()
    settings = {
        "TUAN_PORT_BASE": str(ports.base),
        "TUAN_TLS_DIR": str(folders / "web"),
        "TUAN_CONSOLE_ORIGIN": "https://tuan.example",
    }
    process = Command({"PATH": os.environ["PATH"], **settings}, "run", "web")
    try:
        yield WebSettings(port_base=ports.base, tls_dir=folders / "web", console_origin="https://tuan.example")
    finally:
        process.terminate()
        process.done(20)


async def _answered(client: httpx.AsyncClient, address: str) -> int:
    deadline = time.monotonic() + 30
    while True:
        try:
            return (await client.get(f"{address}/health/live")).status_code
        except httpx.ConnectError as error:
            if "CERTIFICATE" in str(error) or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


async def test_a_service_reaches_another_over_tls(console: WebSettings, folders: Path) -> None:
    address = console.address("web")
    assert address.startswith("https://")
    client = service_client(Deployment(environment="test", tls_dir=folders / "org"))
    async with client:
        assert await _answered(client, address) == 200


async def test_nothing_is_served_in_clear(console: WebSettings) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(console.address("web").replace("https://", "http://"))


async def test_a_server_of_another_authority_is_not_believed(console: WebSettings, tmp_path: Path) -> None:
    make_certificates(tmp_path, {"org": ("127.0.0.1",)})
    client = service_client(Deployment(environment="test", tls_dir=tmp_path / "org"))
    async with client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await _answered(client, console.address("web"))


def test_certificates_are_made_once_for_their_names_and_their_owner(folders: Path) -> None:
    first = (folders / "web" / "tls.key").read_bytes()
    make_certificates(folders, {"web": ("127.0.0.1", "web"), "org": ("127.0.0.1", "org"), "member": ("member",)})
    assert (folders / "web" / "tls.key").read_bytes() == first
    assert {path.stat().st_mode & 0o777 for path in folders.glob("*/*") if path.name != "ca.crt"} == {0o600}
    context = ssl.create_default_context(cafile=str(folders / "member" / "ca.crt"))
    context.load_cert_chain(folders / "member" / "both.pem")
    (authority,) = context.get_ca_certs()
    assert authority["subject"] == ((("commonName", "tuan"),),)
