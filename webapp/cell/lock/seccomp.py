"""seccomp: ends a process, or refuses it, when it makes a system call that arithmetic does not need."""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from webapp.cell.lock.bpf import Answer, Check, Instruction, begin, for_checked, for_numbers, reply
from webapp.cell.lock.kernel import PR_SET_SECCOMP, libc, set_for_process
from webapp.cell.lock.system_calls import ALLOWED, ARCHITECTURES, CHECKED, ENDING, MISSING, numbers

FILTER_MODE = 2
#: From linux/seccomp.h: asks whether the kernel knows an answer.
GET_ANSWER_AVAILABLE = 2

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | 0o20000000  # the last makes a file without a name
DUPLICATE, DUPLICATE_CLOSED_ON_EXEC = 0, 1030
GET_OR_SET_FLAGS = (1, 2, 3, 4)
#: FIONREAD, FIONBIO, FIONCLEX and FIOCLEX: how much can be read, whether to wait, whether a new program inherits it.
HARMLESS_CONTROLS = (0x541B, 0x5421, 0x5450, 0x5451)
#: PR_SET_NAME and PR_GET_NAME name the process, PR_SET_VMA its memory.
NAMING = (15, 16, 0x53564D41)
NEW_THREAD = 0x10000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_available() -> bool:
    """Return whether the kernel takes filters for the calls of this processor."""
    if sys.platform != "linux" or sys.maxsize < 2**32 or os.uname().machine not in ARCHITECTURES:
        return False
    number = numbers(ENDING, os.uname().machine)["seccomp"]
    answer = ctypes.c_uint32(Answer.END_PROCESS)
    known = libc().syscall(ctypes.c_long(number), GET_ANSWER_AVAILABLE, 0, ctypes.byref(answer))
    return bool(known == 0)


def restrict(*, may_open: bool) -> None:
    """Filter the system calls of this process from now on.

    Parameters
    ----------
    may_open
        Whether it may open files to read them. A filter sees no paths, so Landlock must keep it from most.
    """
    program = build(os.uname().machine, os.getpid(), may_open=may_open)
    packed = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    set_for_process(PR_SET_SECCOMP, FILTER_MODE, ctypes.byref(_Program(len(program), packed)))


def build(machine: str, process: int, *, may_open: bool) -> list[Instruction]:
    """Return the filter for a processor and a process."""
    number = numbers(CHECKED, machine)
    opened = Answer.ALLOW if may_open else Answer.NO_ACCESS
    refused, end = Answer.NOT_PERMITTED, Answer.END_PROCESS
    without_address = Check(4, (0,)), Check(4, (0,), is_upper=True)
    without_new_limit = Check(2, (0,)), Check(2, (0,), is_upper=True)
    return [
        *begin(ARCHITECTURES[machine][0]),
        *for_numbers(numbers(ALLOWED, machine).values(), Answer.ALLOW),
        *for_checked(number["openat"], (Check(2, (0,), WRITING),), opened, end),
        *for_checked(number["sendto"], without_address, Answer.ALLOW, end),
        *for_checked(
            number["fcntl"],
            (Check(1, (DUPLICATE, DUPLICATE_CLOSED_ON_EXEC, *GET_OR_SET_FLAGS)),),
            Answer.ALLOW,
            refused,
        ),
        *for_checked(number["ioctl"], (Check(1, HARMLESS_CONTROLS),), Answer.ALLOW, refused),
        *for_checked(number["prctl"], (Check(0, NAMING),), Answer.ALLOW, end),
        *for_checked(number["prlimit64"], without_new_limit, Answer.ALLOW, end),
        # A crash sends its signal to this process itself.
        *for_checked(number["tgkill"], (Check(0, (process,)),), Answer.ALLOW, end),
        # A library that wants a thread can go on without; a process is never wanted.
        *for_checked(number["clone"], (Check(0, (NEW_THREAD,), NEW_THREAD),), refused, end),
        *for_numbers(numbers(MISSING, machine).values(), Answer.NO_SUCH_CALL),
        *for_numbers(numbers(ENDING, machine).values(), Answer.END_PROCESS),
        reply(Answer.NOT_PERMITTED),
    ]
