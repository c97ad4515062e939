"""The servers that are measured side by side: how each is started, and asked in its own protocol.

A peer's own files are in peers/<name>; where its documentation advises something for speed, it is done there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from cases import Case, Row
from load import ROOT, free_port

WORKERS = 2
PEERS = Path(__file__).parent / "peers"
#: As many threads in each worker as leave the cores to all: without it, boosting is several times slower.
THREADS = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // WORKERS))}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a server runs and what it serves."""

    #: The programs of its virtual environment.
    programs: Path
    #: A folder for what it writes.
    work: Path
    file: Path
    port: int


class Contestant:
    """A server whose request is {"inputs": [...]} and whose answer {"probabilities": [...]}; others differ below."""

    name: ClassVar[str]
    title: ClassVar[str]
    ready: ClassVar[str] = "/"

    @property
    def folder(self) -> Path:
        return PEERS / self.name

    def command(self, place: Place) -> list[str]:
        raise NotImplementedError

    def environ(self, place: Place) -> dict[str, str]:
        return {"MODEL": str(place.file), "PATH": f"{place.programs}:{os.environ['PATH']}"} | THREADS

    def path(self, case: Case) -> str:
        return "/penguins" if case.columns else "/numbers"

    def body(self, case: Case, rows: list[Row]) -> object:
        return {"inputs": case.instances(rows)}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        found: list[list[float]] = answer["probabilities"]
        return found


class FastAPI(Contestant):
    name, title, ready = "fastapi", "FastAPI", "/docs"

    def command(self, place: Place) -> list[str]:
        return ["uvicorn", "server:app", f"--port={place.port}", f"--workers={WORKERS}", "--no-access-log"]


class BentoML(Contestant):
    name, title, ready = "bentoml", "BentoML", "/readyz"

    def command(self, place: Place) -> list[str]:
        return ["bentoml", "serve", "server:Model", "--host=127.0.0.1", f"--port={place.port}"]

    def environ(self, place: Place) -> dict[str, str]:
        return super().environ(place) | {"BENTOML_DO_NOT_TRACK": "True"}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        found: list[list[float]] = answer
        return found


class MLServer(Contestant):
    name, title, ready = "mlserver", "MLServer", "/v2/models/model/ready"

    def command(self, place: Place) -> list[str]:
        return ["mlserver", "start", "."]

    def environ(self, place: Place) -> dict[str, str]:
        ports = {"HTTP": place.port, "GRPC": free_port(), "METRICS": free_port()}
        settings = {f"MLSERVER_{name}_PORT": str(port) for name, port in ports.items()}
        return super().environ(place) | settings | {"MLSERVER_MODEL_URI": str(place.file)}

    def path(self, case: Case) -> str:
        return "/v2/models/model/infer"

    def body(self, case: Case, rows: list[Row]) -> object:
        outputs = [{"name": "predict_proba"}]
        if not case.columns:
            values = [value for row in rows for value in row]
            return {"inputs": [_tensor("x", [len(rows), len(rows[0])], values)], "outputs": outputs}
        columns = zip(case.columns, zip(*rows, strict=True), strict=True)
        inputs = [_tensor(name, [len(rows), 1], list(values)) for name, values in columns]
        return {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": outputs}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        (output,) = answer["outputs"]
        width = output["shape"][1]
        return [output["data"][start : start + width] for start in range(0, len(output["data"]), width)]


class LitServe(Contestant):
    name, title, ready = "litserve", "LitServe", "/health"

    def command(self, place: Place) -> list[str]:
        return ["python", "server.py", str(place.port)]

    def path(self, case: Case) -> str:
        return "/predict"


class MLflow(Contestant):
    name, title, ready = "mlflow", "MLflow models serve", "/ping"

    def command(self, place: Place) -> list[str]:
        model = place.work / place.file.stem
        if not model.exists():
            python = place.programs / "python"
            subprocess.run([python, self.folder / "package.py", place.file, model], check=True, capture_output=True)  # noqa: S603
        options = ["--env-manager=local", f"--workers={WORKERS}", f"--port={place.port}"]
        return ["mlflow", "models", "serve", f"--model-uri={model}", *options]

    def path(self, case: Case) -> str:
        return "/invocations"

    def body(self, case: Case, rows: list[Row]) -> object:
        return {"dataframe_split": {"columns": case.columns, "data": rows}} if case.columns else {"inputs": rows}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        found: list[list[float]] = answer["predictions"]
        return found


class Scoredesk(Contestant):
    name, title, ready = "scoredesk", "**Scoredesk**", "/readyz"
    folder = ROOT

    def command(self, place: Place) -> list[str]:
        return [sys.executable, "-m", "gunicorn"]

    def environ(self, place: Place) -> dict[str, str]:
        folders = {"MODELS_DIR": str(place.file.parent), "INSTANCE_DIR": str(place.work / "instance")}
        # Never into a database that somebody uses.
        own = {"DATABASE_URL": "", "DATABASE_URL_FILE": ""}
        return folders | own | {"PORT": str(place.port), "WEB_CONCURRENCY": str(WORKERS)}

    def path(self, case: Case) -> str:
        return f"/api/v1/models/{case.model}/predict"

    def body(self, case: Case, rows: list[Row]) -> object:
        numbered = [f"x{each}" for each in range(len(rows[0]))]
        instances = [dict(zip(case.columns or numbered, row, strict=True)) for row in rows]
        return {"inputs": instances if case.length > 1 else instances[0]}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        found = answer["predictions"] if case.length > 1 else [answer]
        return [[each["probabilities"][name] for name in case.classes] for each in found]


class Hello(Contestant):
    """Flask's hello world on gunicorn with its own threads: it is sent the same, and reads nothing."""

    name, title = "hello", "Flask’s hello world"
    folder = ROOT

    def command(self, place: Place) -> list[str]:
        options = ["-c", os.devnull, "-k", "gthread", "-w", str(WORKERS), "--threads", "16"]
        bind = f"127.0.0.1:{place.port}"
        return [sys.executable, "-m", "gunicorn", "benchmarks.path_apps:hello()", *options, "-b", bind]

    def path(self, case: Case) -> str:
        return "/"


def _tensor(name: str, shape: list[int], values: list[float | str]) -> dict[str, object]:
    tensor = {"name": name, "shape": shape, "datatype": "FP64", "data": values}
    if isinstance(values[0], str):
        tensor |= {"datatype": "BYTES", "parameters": {"content_type": "str"}}
    return tensor


OURS = Scoredesk()
HELLO = Hello()
PEER_SERVERS: list[Contestant] = [FastAPI(), BentoML(), MLServer(), LitServe(), MLflow()]
