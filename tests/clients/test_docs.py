"""What docs/api.md shows of other clients, run as it stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.clients.clients import Clients

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
#: What stands in the page after the head of the section, up to the next one.
SECTION = PAGE.read_text().partition("## From other clients\n")[2].partition("\n## ")[0]
SNIPPETS = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", SECTION, re.DOTALL)
COMMANDS = re.findall(r"```console\n\$ ((?:.*\\\n)*.*\n)((?s:.*?))```", SECTION)


def here(shown: str, clients: Clients) -> str:
    """Change the address in a snippet, and nothing else."""
    return shown.replace("8000", str(urlsplit(clients.url).port))


@pytest.mark.parametrize(("snippet", "output"), SNIPPETS, ids=["requests", "tritonclient", "mlflow"])
def test_each_client_prints_what_is_shown(clients: Clients, snippet: str, output: str) -> None:
    assert clients.run(["-c", here(snippet, clients)]) == output


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(("command", "output"), COMMANDS, ids=["curl"])
def test_curl_prints_what_is_shown(clients: Clients, command: str, output: str) -> None:
    assert clients.run(["-c", here(command, clients)], program="sh") == output
