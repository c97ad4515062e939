"""The servers that are compared: how each is started, and what its protocol looks like.

The files of a peer are in peers/<name>; they follow what its documentation advises for speed.
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
#: Threads of each worker, so that all workers together use each core once; without this limit, boosting is several
#: times slower.
THREADS = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // WORKERS))}


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Where a server runs, and which file it serves."""

    #: The folder of programs in its virtual environment.
    programs: Path
    #: The folder into which it writes.
    work: Path
    file: Path
    port: int


class Contestant:
    """A server whose requests are {"inputs": [...]} and answers {"probabilities": [...]}; subclasses may differ."""

    name: ClassVar[str]
    title: ClassVar[str]
    ready: ClassVar[str] = "/"

    @property
    def folder(self) -> Path:
        return PEERS / self.name

    def command(self, deployment: Deployment) -> list[str]:
        raise NotImplementedError

    def environ(self, deployment: Deployment) -> dict[str, str]:
        return {"MODEL": str(deployment.file), "PATH": f"{deployment.programs}:{os.environ['PATH']}"} | THREADS

    def path(self, case: Case) -> str:
        return "/penguins" if case.columns else "/numbers"

    def body(self, case: Case, rows: list[Row]) -> object:
        return {"inputs": case.instances(rows)}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        found: list[list[float]] = answer["probabilities"]
        return found


class FastAPI(Contestant):
    name, title, ready = "fastapi", "FastAPI", "/docs"

    def command(self, deployment: Deployment) -> list[str]:
        return ["uvicorn", "server:app", f"--port={deployment.port}", f"--workers={WORKERS}", "--no-access-log"]


class BentoML(Contestant):
    name, title, ready = "bentoml", "BentoML", "/readyz"

    def command(self, deployment: Deployment) -> list[str]:
        return ["bentoml", "serve", "server:Model", "--host=127.0.0.1", f"--port={deployment.port}"]

    def environ(self, deployment: Deployment) -> dict[str, str]:
        return super().environ(deployment) | {"BENTOML_DO_NOT_TRACK": "True"}

    def probabilities(self, case: Case, answer: Any) -> list[list[float]]:
        found: list[list[float]] = answer
        return found


class MLServer(Contestant):
    name, title, ready = "mlserver", "MLServer", "/v2/models/model/ready"

    def command(self, deployment: Deployment) -> list[str]:
        return ["mlserver", "start", "."]

    def environ(self, deployment: Deployment) -> dict[str, str]:
        ports = {"HTTP": deployment.port, "GRPC": free_port(), "METRICS": free_port()}
        settings = {f"MLSERVER_{name}_PORT": str(port) for name, port in ports.items()}
        return super().environ(deployment) | settings | {"MLSERVER_MODEL_URI": str(deployment.file)}

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

    def command(self, deployment: Deployment) -> list[str]:
        return ["python", "server.py", str(deployment.port)]

    def path(self, case: Case) -> str:
        return "/predict"


class MLflow(Contestant):
    name, title, ready = "mlflow", "MLflow models serve", "/ping"

    def command(self, deployment: Deployment) -> list[str]:
        model = deployment.work / deployment.file.stem
        if not model.exists():
            command = [deployment.programs / "python", self.folder / "package.py", deployment.file, model]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        options = ["--env-manager=local", f"--workers={WORKERS}", f"--port={deployment.port}"]
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

    def command(self, deployment: Deployment) -> list[str]:
        return [sys.executable, "-m", "gunicorn"]

    def environ(self, deployment: Deployment) -> dict[str, str]:
        folders = {"MODELS_DIR": str(deployment.file.parent), "INSTANCE_DIR": str(deployment.work / "instance")}
        # Without a URL it uses the embedded PostgreSQL, and never a database that is in use.
        no_url = {"DATABASE_URL": "", "DATABASE_URL_FILE": ""}
        return folders | no_url | {"PORT": str(deployment.port), "WEB_CONCURRENCY": str(WORKERS)}

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
    """Flask's hello world on gunicorn with threads: it gets the same requests, but does not read them."""

    name, title = "hello", "Flask’s hello world"
    folder = ROOT

    def command(self, deployment: Deployment) -> list[str]:
        options = ["-c", os.devnull, "-k", "gthread", "-w", str(WORKERS), "--threads", "16"]
        bind = f"127.0.0.1:{deployment.port}"
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
