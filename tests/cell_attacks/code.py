"""Files that run Python code when they are loaded, and are a model then."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from tests.gate.assembly import call, file, name, value

#: The name of the model's input is what the code has found.
MODEL = """
import numpy as np
from sklearn.linear_model import LinearRegression
model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
model.feature_names_in_ = np.array(["found " + str(found).replace(chr(0), " ")[:10_000]], dtype=object)
"""
#: What code can use: the file's own cell, and calls of Linux that Python has no function for.
TOOLS = """
import ctypes, glob, mmap, os, pickle, signal, socket, struct, subprocess, sys, threading, time
from pathlib import Path
from webapp.cell import process
from webapp.helpers.frames import HEAD, MARK, encode_frame, receive_frame
libc = ctypes.CDLL(None, use_errno=True)
def syscall(*arguments):
    converted = [each if isinstance(each, bytes) else ctypes.c_long(each) for each in arguments]
    result = libc.syscall(*converted)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result
frame = sys._getframe()
while "task" not in frame.f_locals:
    frame = frame.f_back
task = frame.f_locals["task"]
"""


def running(code: str, places: Mapping[str, object], *, is_caught: bool = True) -> bytes:
    """Return a file that runs code, which may call something ``found``; no error that it raises shows if it is caught.

    Parameters
    ----------
    places
        Variables of the code.
    """
    body = textwrap.indent(textwrap.dedent(code), "    ")
    attempt = f"try:\n{body}\nexcept Exception as error:\n    found = type(error).__name__\n" if is_caught else code
    variables = "".join(f"{name} = {where!r}\n" for name, where in places.items())
    source = f"found = ''\n{variables}{TOOLS}\n{attempt}\n{MODEL}"
    # exec returns nothing, so the model is fetched from the names that the code leaves.
    return file(call(name("builtins", "eval"), value(f"[exec({source!r}, names := {{}}), names['model']][1]")))
