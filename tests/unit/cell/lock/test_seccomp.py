"""The filter of system calls, followed instruction by instruction, on both processors."""

from __future__ import annotations

import errno
import os

import pytest

from webapp.cell.lock.bpf import AND, IF_AT_LEAST, IF_EQUAL, LOAD, X32, Answer, Instruction
from webapp.cell.lock.seccomp import build
from webapp.cell.lock.system_calls import ALLOWED, ARCHITECTURES, CHECKED, ENDING, MISSING, numbers

PROCESS = 4321
THREAD, CHILD = 0x3D0F00, 0x1200011
UPPER = 1 << 32


def follow(program: list[Instruction], processor: int, number: int, *arguments: int) -> Answer:
    """Return what a filter answers to a call."""
    words = {0: number, 4: processor}
    for place, argument in enumerate((*arguments, *[0] * 6)[:6]):
        words |= {16 + 8 * place: argument % UPPER, 20 + 8 * place: argument >> 32}
    place = loaded = 0
    while True:
        code, if_true, if_false, operand = program[place]
        place += 1
        if code == LOAD:
            loaded = words[operand]
        elif code == AND:
            loaded &= operand
        elif code == IF_EQUAL:
            place += if_true if loaded == operand else if_false
        elif code == IF_AT_LEAST:
            place += if_true if loaded >= operand else if_false
        else:
            return Answer(operand)


@pytest.fixture(params=ARCHITECTURES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answer(machine: str, name: str, *arguments: int, may_open: bool = True) -> Answer:
    number = numbers(f"{ALLOWED}, {CHECKED}, {MISSING}, {ENDING}", machine)[name]
    return follow(build(machine, PROCESS, may_open=may_open), ARCHITECTURES[machine][0], number, *arguments)


@pytest.mark.parametrize(
    ("table", "expected"),
    [(ALLOWED, Answer.ALLOW), (MISSING, Answer.NO_SUCH_CALL), (ENDING, Answer.END_PROCESS)],
    ids=["allowed", "missing", "ending"],
)
def test_each_call_of_a_list_has_its_answer(machine: str, table: str, expected: Answer) -> None:
    assert {answer(machine, name) for name in numbers(table, machine)} == {expected}


def test_no_call_is_in_two_lists(machine: str) -> None:
    lists = [list(numbers(table, machine).values()) for table in (ALLOWED, CHECKED, MISSING, ENDING)]
    every = [number for found in lists for number in found]
    assert len(every) == len(set(every))


def test_calls_of_another_kind_end_the_process(machine: str) -> None:
    program, processor = build(machine, PROCESS, may_open=True), ARCHITECTURES[machine][0]
    assert follow(program, processor, X32) == Answer.END_PROCESS
    assert follow(program, 0x40000003, numbers(ALLOWED, machine)["read"]) == Answer.END_PROCESS


def test_a_call_in_no_list_is_refused(machine: str) -> None:
    program = build(machine, PROCESS, may_open=True)
    assert follow(program, ARCHITECTURES[machine][0], 999) == Answer.NOT_PERMITTED


@pytest.mark.parametrize("may_open", [True, False])
def test_files_are_opened_only_to_read_them(machine: str, may_open: bool) -> None:
    reading = os.O_RDONLY | os.O_CLOEXEC
    expected = Answer.ALLOW if may_open else Answer.NO_ACCESS
    assert answer(machine, "openat", 0, 0, reading, may_open=may_open) == expected
    for flag in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, 0o20000000):
        assert answer(machine, "openat", 0, 0, reading | flag, may_open=may_open) == Answer.END_PROCESS


@pytest.mark.parametrize(
    ("name", "good", "bad", "expected"),
    [
        ("sendto", [(3, 1, 1, 0, 0)], [(3, 1, 1, 0, 1), (3, 1, 1, 0, UPPER)], Answer.END_PROCESS),
        ("prlimit64", [(0, 7, 0, 1)], [(0, 7, 1), (0, 7, UPPER)], Answer.END_PROCESS),
        ("tgkill", [(PROCESS, PROCESS, 6)], [(1, 1, 9), (PROCESS + 1, PROCESS, 9)], Answer.END_PROCESS),
        ("prctl", [(15,), (0x53564D41,)], [(1,), (4,), (22,), (38,)], Answer.END_PROCESS),
        ("clone", [], [(CHILD,), (17,)], Answer.END_PROCESS),
        ("clone", [], [(THREAD,)], Answer.NOT_PERMITTED),
        ("fcntl", [(0, command) for command in (0, 1, 2, 3, 4, 1030)], [(0, 8), (0, 1033)], Answer.NOT_PERMITTED),
        ("ioctl", [(0, 0x541B), (0, 0x5421)], [(0, 0x5412), (0, 0x5401)], Answer.NOT_PERMITTED),
    ],
)
def test_arguments_decide(
    machine: str, name: str, good: list[tuple[int, ...]], bad: list[tuple[int, ...]], expected: Answer
) -> None:
    assert all(answer(machine, name, *arguments) == Answer.ALLOW for arguments in good)
    assert all(answer(machine, name, *arguments) == expected for arguments in bad)


def test_a_refusal_is_the_error_that_libraries_expect() -> None:
    assert Answer.NO_SUCH_CALL & 0xFFFF == errno.ENOSYS
