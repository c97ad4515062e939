"""Runs scripts with the public clients, which are no part of the tests' own environment."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PYTHON = FOLDER / ".venv" / "bin" / "python"
#: Put there when all of them have been installed.
INSTALLED = FOLDER / ".venv" / "installed"
TIMEOUT = 120
#: MLflow's client would tell its makers about its use.
ENVIRON = {"PATH": os.environ["PATH"], "DO_NOT_TRACK": "true"}


@dataclass(frozen=True, kw_only=True)
class Clients:
    """The clients, and the address that they ask."""

    url: str

    def said(self, script: str, told: object) -> Any:
        """Run one of the scripts, and give the JSON that it prints."""
        return json.loads(self.run([str(FOLDER / "scripts" / script), self.url, json.dumps(told)]))

    def run(self, arguments: list[str], *, program: str = str(PYTHON)) -> str:
        """Run a program to its end, and give what it prints."""
        done = subprocess.run([program, *arguments], env=ENVIRON, capture_output=True, text=True, timeout=TIMEOUT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, path: str, body: object = None) -> Any:
        """Ask the native API, which is what the others are compared with."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
