"""BPF: the small language in which Linux takes a filter of system calls.

A program sees the number of a call and its six arguments, but nothing that an argument points to, such as a path. Its
jumps only lead forward, by at most 255 instructions.
"""

from __future__ import annotations

import errno
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

LOAD, AND, IF_EQUAL, IF_AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER_OFFSET, ARCHITECTURE_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16
ALL_BITS = 0xFFFFFFFF
#: Numbers from here on belong to x32, another interface of x86_64 with the same calls.
X32 = 0x40000000
ERROR = 0x00050000


class Answer(IntEnum):
    """What Linux does with a call."""

    ALLOW = 0x7FFF0000
    END_PROCESS = 0x80000000
    NOT_PERMITTED = ERROR | errno.EPERM
    NO_ACCESS = ERROR | errno.EACCES
    NO_SUCH_CALL = ERROR | errno.ENOSYS


class Instruction(NamedTuple):
    """One instruction, with how many of the next are skipped if its condition holds and if it does not."""

    code: int
    if_true: int
    if_false: int
    operand: int


@dataclass(frozen=True)
class Check:
    """A condition: the lower or the upper half of an argument, of which only some bits count, has one of the values."""

    argument: int
    values: tuple[int, ...]
    bits: int = ALL_BITS
    is_upper: bool = False


def reply(answer: Answer) -> Instruction:
    """Answer the call."""
    return Instruction(RETURN, 0, 0, answer)


def begin(processor: int) -> list[Instruction]:
    """End a process whose call is none of this processor's own kind; then load the call's number."""
    return [
        Instruction(LOAD, 0, 0, ARCHITECTURE_OFFSET),
        Instruction(IF_EQUAL, 1, 0, processor),
        reply(Answer.END_PROCESS),
        Instruction(LOAD, 0, 0, NUMBER_OFFSET),
        Instruction(IF_AT_LEAST, 0, 1, X32),
        reply(Answer.END_PROCESS),
    ]


def for_numbers(numbers: Collection[int], answer: Answer) -> list[Instruction]:
    """Give these calls an answer."""
    return [*_unless_equal(numbers, 1), reply(answer)]


def for_checked(number: int, checks: tuple[Check, ...], fulfilled: Answer, otherwise: Answer) -> list[Instruction]:
    """Give this call one answer if all checks hold, and another if not."""
    answers = [reply(fulfilled), reply(otherwise)]
    body: list[Instruction] = []
    for check in reversed(checks):
        offset = ARGUMENTS_OFFSET + 8 * check.argument + 4 * check.is_upper
        read = [Instruction(LOAD, 0, 0, offset), Instruction(AND, 0, 0, check.bits)]
        body = [*read, *_unless_equal(check.values, len(body) + 1), *body]
    return [Instruction(IF_EQUAL, 0, len(body) + len(answers), number), *body, *answers]


def _unless_equal(values: Collection[int], skipped: int) -> list[Instruction]:
    """Skip some instructions unless what was loaded equals one of the values."""
    last = len(values) - 1
    return [
        Instruction(IF_EQUAL, last - place, skipped if place == last else 0, value)
        for place, value in enumerate(values)
    ]
