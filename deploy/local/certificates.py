"""An authority of one machine's own, and a certificate for each of its processes.

For a deployment on one machine; others bring certificates of their issuer under the same names.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared.runtime.tls import AUTHORITY, CERTIFICATE, KEY

BOTH = "both.pem"
"""Key and certificate in one file, as MongoDB and Kafka want them."""
_AUTHORITY_KEY = "ca.key"
_DAYS = 825
_AUTHORITY_DAYS = 3650


def make_certificates(directory: Path, names: Mapping[str, Sequence[str]]) -> None:
    """A folder for each of `names` with what it calls itself on the network (host names, addresses); what is there
    stays. The authority's key lies in `directory` itself: keep it off the machine once all folders are made.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, certificate = _authority(directory)
    for name, hosts in names.items():
        folder = directory / name
        if (folder / BOTH).exists():
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        own = ec.generate_private_key(ec.SECP256R1())
        signed = _signed(own.public_key(), name, hosts, key, certificate)
        chain = signed.public_bytes(Encoding.PEM)
        _write(folder / AUTHORITY, certificate.public_bytes(Encoding.PEM))
        _write(folder / CERTIFICATE, chain)
        _write(folder / KEY, _private(own))
        _write(folder / BOTH, _private(own) + chain)


def _authority(directory: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if (directory / AUTHORITY).exists():
        key = load_pem_private_key((directory / _AUTHORITY_KEY).read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{directory / _AUTHORITY_KEY} is not the key that was made here")
        return key, x509.load_pem_x509_certificate((directory / AUTHORITY).read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("tuan")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _dated(_AUTHORITY_DAYS)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(directory / _AUTHORITY_KEY, _private(key))
    _write(directory / AUTHORITY, certificate.public_bytes(Encoding.PEM))
    return key, certificate


def _signed(
    public: ec.EllipticCurvePublicKey,
    name: str,
    hosts: Sequence[str],
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
) -> x509.Certificate:
    """For both sides of a connection: a service is a server to some and a client to others."""
    both_sides = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return (
        _dated(_DAYS)
        .subject_name(_named(name))
        .issuer_name(authority.subject)
        .public_key(public)
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(both_sides, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _dated(days: int) -> x509.CertificateBuilder:
    """Valid from yesterday on: clocks of machines differ."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """For its owner alone from the first moment on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
