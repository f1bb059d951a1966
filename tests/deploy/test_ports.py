"""One block of ports; whoever holds one of them is named."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from deploy.local.ports import Ports, free_block, is_taken, owner_of, require_free
from deploy.local.problems import SetUpProblem
from shared.runtime.parts import PARTS

OTHERS = ("web-metrics", "kafka", "kafka-controller", "mongodb")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_reported_with_its_owner_and_the_way_out(taken: int) -> None:
    with pytest.raises(SetUpProblem, match=rf"{taken}.*Kafka.*pid {os.getpid()} .*TUAN_PORT_BASE"):
        require_free(taken, "Kafka")
    assert str(os.getpid()) in owner_of(taken)


def test_the_whole_block_moves_together() -> None:
    here, there = Ports(18000), Ports(19000)
    for name in (*PARTS, *OTHERS):
        assert there.of(name) - here.of(name) == 1000


def test_no_two_parts_share_a_port() -> None:
    names = [*PARTS, *OTHERS]
    assert len({Ports().of(name) for name in names}) == len(names)


@pytest.mark.parametrize("text", ["0", "80", "65535", "-1", "18 000", "high"])
def test_a_port_base_that_is_no_port_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(SetUpProblem, match="TUAN_PORT_BASE"):
        Ports.from_environment({"TUAN_PORT_BASE": text})


def test_without_a_setting_the_block_begins_at_18000() -> None:
    assert Ports.from_environment({}).base == 18000
    assert Ports.from_environment({"TUAN_PORT_BASE": "19000"}).base == 19000


@contextmanager
def holding_one_of_a_block() -> Iterator[Ports]:
    """Of a block that was free; whoever starts a stack at this moment may be quicker, and then it is another one."""
    with socket.socket() as listener:
        # As servers do: connections of a stack that an earlier test had in this block linger for a minute.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for _ in range(10):
            block = free_block()
            with suppress(OSError):
                listener.bind(("127.0.0.1", block.of("member")))
                break
        listener.listen()
        yield block


def test_a_free_block_has_no_taken_port() -> None:
    with holding_one_of_a_block() as block:
        assert is_taken(block.of("member"))
        assert free_block() != block
