"""A process that outlives its starter: found again, never mistaken, stopped or killed by name."""

import json
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from deploy.local.problems import SetUpProblem
from deploy.local.processes import LocalProcess

SLEEPER = [sys.executable, "-c", "print('awake', flush=True); import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(60)",
]


def _started(directory: Path, command: list[str] = SLEEPER) -> LocalProcess:
    process = LocalProcess("sleeper", directory)
    process.start(command, dict(os.environ), cwd=directory)
    process.wait_until(lambda: process.log_tail() == ["awake"], seconds=10)
    return process


def test_a_second_start_leaves_the_running_process_alone(tmp_path: Path) -> None:
    process = _started(tmp_path)
    try:
        first = process.running()
        again = LocalProcess("sleeper", tmp_path)
        again.start(SLEEPER, dict(os.environ), cwd=tmp_path)
        assert first is not None
        assert again.running() == first
    finally:
        process.stop()


def test_stopping_ends_it_even_if_it_does_not_listen(tmp_path: Path) -> None:
    process = _started(tmp_path, STUBBORN)
    assert process.stop(grace_seconds=0.2)
    assert process.running() is None
    assert not process.died()
    assert not process.stop()


def test_one_that_ends_after_it_was_looked_for_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = _started(tmp_path)
    seen = process.running()
    process.kill()
    monkeypatch.setattr(LocalProcess, "running", lambda _: seen)
    process.kill()
    assert process.stop()


def test_a_killed_process_counts_as_dead_until_it_is_stopped_or_started(tmp_path: Path) -> None:
    process = _started(tmp_path)
    process.kill()
    assert process.died()
    process.stop()
    assert not process.died()


def test_a_pid_that_the_system_gave_to_somebody_else_is_never_taken_for_ours(tmp_path: Path) -> None:
    process = LocalProcess("sleeper", tmp_path)
    process.pid_file.parent.mkdir(parents=True)
    stranger = psutil.Process()
    process.pid_file.write_text(json.dumps({"pid": stranger.pid, "begun": "an earlier boot/60"}))
    assert process.running() is None
    assert not process.stop()
    assert stranger.is_running()


def test_a_clock_that_is_set_makes_no_stranger_of_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever set it by a second would find every port taken, by processes that nothing stops any more."""
    process = _started(tmp_path)
    try:
        monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)
        monkeypatch.setattr(psutil.Process, "create_time", lambda _: 0.0)
        assert process.running() is not None
    finally:
        monkeypatch.undo()
        assert process.stop()


@pytest.mark.parametrize("text", ["", "12", "{}", '{"pid": "x"}', '{"pid": 999999999, "begun": ""}'])
def test_a_damaged_pid_file_means_that_nothing_runs(tmp_path: Path, text: str) -> None:
    process = LocalProcess("sleeper", tmp_path)
    process.pid_file.parent.mkdir(parents=True)
    process.pid_file.write_text(text)
    assert process.running() is None


def test_a_process_that_ends_while_starting_is_explained_by_its_last_words(tmp_path: Path) -> None:
    process = LocalProcess("sleeper", tmp_path)
    process.start([sys.executable, "-c", "print('no room left')"], dict(os.environ), cwd=tmp_path)
    with pytest.raises(SetUpProblem, match=r"ended while starting[\s\S]*no room left"):
        process.wait_until(lambda: False, seconds=10)


def test_a_process_that_is_too_slow_is_reported_after_its_time(tmp_path: Path) -> None:
    process = _started(tmp_path)
    try:
        begun = time.monotonic()
        with pytest.raises(SetUpProblem, match="was not ready after 0 s"):
            process.wait_until(lambda: False, seconds=0.2)
        assert time.monotonic() - begun < 5
    finally:
        process.stop()


def test_it_gets_exactly_the_environment_it_was_given(tmp_path: Path) -> None:
    process = LocalProcess("sleeper", tmp_path)
    show = "import os, time; print(sorted(k for k in os.environ if k.startswith('TUAN')), flush=True); time.sleep(60)"
    process.start([sys.executable, "-c", show], {"TUAN_KAFKA": "here:1"}, cwd=tmp_path)
    try:
        process.wait_until(lambda: bool(process.log_tail()), seconds=10)
        assert process.log_tail() == ["['TUAN_KAFKA']"]
    finally:
        process.stop()
