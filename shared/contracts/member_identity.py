"""What member publishes for who may open it: the restricted part of `member.py`, from where it is read."""

from typing import ClassVar

from shared.contracts.base import Contract

IDENTITY = "member.identity.v1"


class IdentityEvent(Contract):
    """On the restricted topic, for identity and notify; personal parts sealed."""

    zh: ClassVar[str] = "受限主题，仅供账号与消息服务读取；个人信息逐人加密。"
    topic: ClassVar[str] = IDENTITY
    only_for: ClassVar[tuple[str, ...]] = ("identity",)


class PersonIdentified(IdentityEvent):
    """A person is known. Sealed: `name`, `document_kind`, `number`, `mobile` (may be empty).

    `number_hash` is the keyed hash of the number (`LookupKey.hash`) under its kind's entry in DOCUMENT_LOOKUPS; a
    sign-in finds the account by it.
    """

    zh: ClassVar[str] = (
        "已登记此人。密封部分含姓名、证件类型、证件号码、手机号（可为空）；"
        "number_hash 为证件号码的带密钥摘要，登录时据此查找账号。"
    )
    sealed_values: ClassVar[tuple[str, ...]] = ("name", "document_kind", "number", "mobile")
    person: str
    number_hash: str


class PersonContactChanged(IdentityEvent):
    """The person's mobile number is another one. Sealed: `mobile`."""

    zh: ClassVar[str] = "此人的手机号已变更，新号码在密封部分。"
    sealed_values: ClassVar[tuple[str, ...]] = ("mobile",)
    person: str


class PersonReleased(IdentityEvent):
    """MEM-27: the person's number is free again; the account of this person is closed."""

    zh: ClassVar[str] = "此人的证件号码已释放，其账号随之关闭。"
    person: str
    number_hash: str
