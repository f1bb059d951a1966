"""What identity publishes: registrations that wait for others, on a restricted topic. Owner: the identity team."""

from typing import ClassVar

from shared.contracts.base import Contract

REGISTRATIONS = "identity.registrations.v1"


class RegistrationEvent(Contract):
    """On the restricted topic, for org and member; personal parts sealed. No password and no code is ever in one."""

    zh: ClassVar[str] = "受限主题，仅供组织与团员服务读取；等待办理的注册，个人信息密封，不含密码和注册码。"
    topic: ClassVar[str] = REGISTRATIONS
    only_for: ClassVar[tuple[str, ...]] = ("member", "org")


class AdminRegistrationRequested(RegistrationEvent):
    """ADM-03: somebody typed a registration code. Sealed: `name`, `document_kind`, `number`, `mobile`.

    `code_hash` is the keyed hash of the code (`LookupKey.hash` of REGISTRATION_CODE), by which org finds it.
    """

    zh: ClassVar[str] = "有人填写管理员注册码申请注册，code_hash 为注册码的带密钥散列。"
    sealed_values: ClassVar[tuple[str, ...]] = ("name", "document_kind", "number", "mobile")
    registration: str
    code_hash: str


APPLYING = "account-application"
"""ADM-07: what a pass is given for that lets somebody without an account apply for one."""

REGISTRATION_CODE = "registration-code"
"""The kind of keyed hash that gives `code_hash`."""
