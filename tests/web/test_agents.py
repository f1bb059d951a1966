"""Browser and system in words, from the agents that browsers in use send."""

import pytest

from services.web.agents import read_agent
from services.web.texts import catalogue

LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
PHONE = "Mozilla/5.0 (Linux; Android 14; V2318A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 "
APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.rule("IDN-09")
@pytest.mark.parametrize(
    ("text", "browser", "system", "is_mobile"),
    [
        (WINDOWS + "Chrome/131.0.0.0 Safari/537.36", "chrome", "windows", False),
        (WINDOWS + "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51", "edge", "windows", False),
        (WINDOWS + "Chrome/132.0.0.0 Safari/537.36 QIHU 360SE", "qihoo", "windows", False),
        (LINUX + "HeadlessChrome/156.0.0.0 Safari/537.36", "chrome", "linux", False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "firefox", "linux", False),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
            "safari",
            "macos",
            False,
        ),
        (PHONE + "Mobile Safari/537.36 MicroMessenger/8.0.54 NetType/WIFI", "wechat", "android", True),
        (PHONE + "MQQBrowser/16.1 Mobile Safari/537.36", "qq", "android", True),
        (APPLE + "Version/18.1 Mobile/15E148 Safari/604.1", "safari", "iphone", True),
        (APPLE + "Mobile/15E148 wxwork/4.1.30 MicroMessenger/7.0.1 Language/zh", "wecom", "iphone", True),
        (
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 Safari/537.36 ArkWeb/4.1 Mobile",
            "huawei",
            "harmony",
            True,
        ),
        ("python-httpx/0.28.1", "", "", False),
        ("", "", "", False),
    ],
)
def test_browser_and_system_are_told_apart(text: str, browser: str, system: str, is_mobile: bool) -> None:
    agent = read_agent(text)
    assert (agent.browser, agent.system, agent.is_mobile) == (browser, system, is_mobile)
    assert not agent.browser or f"browser.{agent.browser}" in catalogue()
    assert not agent.system or f"system.{agent.system}" in catalogue()
