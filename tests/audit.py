"""``make audit``: asks an advisory service whether a pinned package has a known hole.

It says "no" only when the service was reached, knew every package, and told of the hole in an old
package that is asked about for that reason alone: whoever answers for everything that nothing is
known, such as an index without advisories, is not believed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PIP_AUDIT = ROOT / ".venv/auditing/bin/pip-audit"
PINNED = ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt", "requirements-audit.txt")
#: CVE-2019-12308 is known of it since 2019, among others.
KNOWN = "django==2.2"
CANT_TELL = 2


def main(program: Path = PIP_AUDIT) -> int:
    """Print what is known, and give 0 for nothing, 1 for something, and 2 if that can't be told."""
    pins = sorted({line for name in PINNED for line in _pins(ROOT / name)})
    found = _ask(program, [*pins, KNOWN])
    if found is None:
        return _cant_tell("The advisory service could not be asked.")
    if skipped := [each["name"] for each in found if "skip_reason" in each]:
        return _cant_tell(f"The advisory service does not know {', '.join(skipped)}.")
    holes = {f"{each['name']}=={each['version']}": each["vulns"] for each in found}
    if not holes.pop(KNOWN, None):
        return _cant_tell(f"The advisory service tells of no hole in {KNOWN}, which has one that everybody knows.")
    if len(holes) < len(pins):
        return _cant_tell(f"It was told of {len(holes)} packages and not of {len(pins)}.")
    return _tell({pin: vulns for pin, vulns in holes.items() if vulns}, len(pins))


def _pins(path: Path) -> list[str]:
    lines = (line.partition("#")[0].partition(";")[0].strip(" \\") for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def _ask(program: Path, pins: list[str]) -> list[dict[str, Any]] | None:
    """Give what the service says of each; None if it does not say."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as asked:
        asked.write("\n".join(pins))
        asked.flush()
        options = ["--requirement", asked.name, "--no-deps", "--disable-pip", "--format", "json"]
        # What was answered before must not stand for an answer now.
        with tempfile.TemporaryDirectory() as cache:
            options += ["--progress-spinner", "off", "--cache-dir", cache]
            done = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    try:
        answer: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(*done.stderr.strip().splitlines()[-1:], sep="\n")
        return None
    return answer


def _tell(holes: dict[str, list[dict[str, Any]]], count: int) -> int:
    for pin, vulns in holes.items():
        for each in vulns:
            fixed = ", ".join(each["fix_versions"]) or "no version yet"
            print(f"{pin}: {', '.join([each['id'], *each['aliases']])}, mended in {fixed}")
    print(f"{len(holes)} of {count} pinned packages have a known hole.")
    return 1 if holes else 0


def _cant_tell(why: str) -> int:
    print(f"{why} Whether a pinned package has a known hole is NOT known.")
    return CANT_TELL


if __name__ == "__main__":
    sys.exit(main())
