"""What production refuses in its settings, each as a sentence that names the setting. Pure."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PASSWORD_CHARACTERS_MIN = 16
PASSWORD_DISTINCT_MIN = 8
_NO_CHECK = ("tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames")
_ON = {"true", "1"}


def is_loopback(host: str) -> bool:
    """Whether a host (`name`, `name:port`, `[::1]:port`) can only be this machine."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def faults_of_listener(host: str, tls_dir: Path | None) -> Iterator[str]:
    if tls_dir is None and not is_loopback(host):
        yield f"TUAN_HOST is {host} and TUAN_TLS_DIR is not set: production listens in clear on loopback only"


def faults_of_peers(peers: str) -> Iterator[str]:
    host = peers.removeprefix("http://").partition("/")[0].replace("{port}", "1")
    if peers.startswith("http://") and not is_loopback(host):
        yield "TUAN_PEERS is not https://: tokens would travel in clear"


def faults_of_traces(endpoint: str) -> Iterator[str]:
    if endpoint.startswith("http://") and not is_loopback(urlsplit(endpoint).netloc):
        yield "TUAN_TRACES_ENDPOINT is not https://: traces would travel in clear"


def faults_of_kafka(servers: str, tls_dir: Path | None) -> Iterator[str]:
    if tls_dir is None and not all(is_loopback(server.strip()) for server in servers.split(",")):
        yield "TUAN_KAFKA is another machine and TUAN_TLS_DIR is not set: events would travel in clear"


def faults_of_mongo(url: str) -> Iterator[str]:
    """Of a server elsewhere: TLS that is checked, and a password that cannot be guessed."""
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    credentials, _, hosts = place.partition("/")[0].rpartition("@")
    if all(is_loopback(host) for host in hosts.split(",")):
        return
    options = {name.lower(): value for name, value in parse_qsl(query)}
    if not _encrypted(scheme, options):
        yield "TUAN_MONGO_URL is another machine without tls=true: records would travel in clear"
    if any(options.get(name, "").lower() in _ON for name in _NO_CHECK):
        yield "TUAN_MONGO_URL does not check the server's certificate"
    if options.get("authmechanism") == "MONGODB-X509":
        return
    password = unquote(credentials.partition(":")[2])
    if not password:
        yield "TUAN_MONGO_URL has no credentials; give the URL as the file tuan_mongo_url in TUAN_SECRETS_DIR"
    elif is_weak(password):
        yield (
            f"the password in TUAN_MONGO_URL is weak: at least {PASSWORD_CHARACTERS_MIN} characters, "
            f"{PASSWORD_DISTINCT_MIN} of them different"
        )


def is_weak(password: str) -> bool:
    """Short, or of few characters repeated."""
    return len(password) < PASSWORD_CHARACTERS_MIN or len(set(password)) < PASSWORD_DISTINCT_MIN


def _encrypted(scheme: str, options: Mapping[str, str]) -> bool:
    said = options.get("tls", options.get("ssl", "true" if scheme == "mongodb+srv" else "")).lower()
    return said in _ON
