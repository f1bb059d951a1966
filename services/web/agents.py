"""Which browser and system a user agent tells of: enough to know one's own devices by, not more (IDN-09)."""

from dataclasses import dataclass

# The first mark that an agent bears decides: those built on another browser bear its mark too, so they come first.
_BROWSERS = (
    ("wxwork/", "wecom"),
    ("micromessenger/", "wechat"),
    ("dingtalk/", "dingtalk"),
    ("qqbrowser/", "qq"),
    ("ucbrowser/", "uc"),
    ("360se", "qihoo"),
    ("qihoobrowser/", "qihoo"),
    ("huaweibrowser/", "huawei"),
    ("arkweb/", "huawei"),
    ("miuibrowser/", "xiaomi"),
    ("edg/", "edge"),
    ("edga/", "edge"),
    ("edgios/", "edge"),
    ("opr/", "opera"),
    ("firefox/", "firefox"),
    ("fxios/", "firefox"),
    ("chrome/", "chrome"),
    ("headlesschrome/", "chrome"),
    ("crios/", "chrome"),
    ("safari/", "safari"),
)
_SYSTEMS = (
    ("openharmony", "harmony"),
    ("harmonyos", "harmony"),
    ("iphone", "iphone"),
    ("ipad", "ipad"),
    ("android", "android"),
    ("windows", "windows"),
    ("mac os x", "macos"),
    ("cros", "chromeos"),
    ("linux", "linux"),
)
_HELD_IN_HAND = frozenset({"harmony", "iphone", "ipad", "android"})


@dataclass(frozen=True, slots=True)
class Agent:
    """Codes of the catalogue's ``browser`` and ``system``; empty where the agent tells neither."""

    browser: str
    system: str

    @property
    def is_mobile(self) -> bool:
        return self.system in _HELD_IN_HAND


def read_agent(text: str) -> Agent:
    """Never fails: whatever a client sends as its name is an agent."""
    words = text.lower()
    return Agent(
        next((code for mark, code in _BROWSERS if mark in words), ""),
        next((code for mark, code in _SYSTEMS if mark in words), ""),
    )
