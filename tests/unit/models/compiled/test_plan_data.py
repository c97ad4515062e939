"""The bytes of a plan: what is read back, what is refused, and what stays where it is."""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from tests.unit.models.compiled.compiling import SIDE, X
from webapp.cell.compiled import export_plan
from webapp.cell.signature import read_signature
from webapp.models.compiled import NotCompilable, PlanData, PlanInvalid, Unsure, read_plan
from webapp.models.compiled.labels import read_label, write_label
from webapp.models.compiled.plan_data import ALIGNMENT, MAGIC, PREFIX_BYTES, split

INSTANCE = {"x0": 1.0, "x1": 0.5, "x2": -2.0}


@cache
def exported(kind: str) -> PlanData:
    estimator = {
        "forest": RandomForestClassifier(5, random_state=0),
        "logistic": make_pipeline(StandardScaler(), FunctionTransformer(np.cbrt), LogisticRegression()),
    }[kind].fit(X, SIDE)
    return export_plan(estimator, read_signature(estimator))


def changed(kind: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return an exported plan with other operations."""
    data = exported(kind).operations
    operations = {**data, "prediction": {**data["prediction"]}, "steps": [dict(each) for each in data["steps"]]}
    if "grove" in operations["prediction"]:
        operations["prediction"]["grove"] = dict(operations["prediction"]["grove"])
    change(operations)
    return PlanData(operations).to_bytes()


def test_every_array_lies_on_a_boundary() -> None:
    data = exported("forest").to_bytes()
    length = int.from_bytes(data[len(MAGIC) : PREFIX_BYTES], "little")
    arrays = json.loads(data[PREFIX_BYTES : PREFIX_BYTES + length])["arrays"]
    assert len(arrays) == 5
    assert all(array["offset"] % ALIGNMENT == 0 for array in arrays)
    assert len(data) % ALIGNMENT == 0


def test_a_plan_in_a_mapped_file_is_not_copied(tmp_path: Path) -> None:
    estimator = RandomForestClassifier(40, random_state=0).fit(X, SIDE)
    path = tmp_path / "forest.plan"
    path.write_bytes(export_plan(estimator, read_signature(estimator)).to_bytes())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        whole = np.frombuffer(mapped, dtype=np.uint8)
        plan = read_plan(memoryview(mapped))
        arrays = [*closed_over(plan.prediction.predict)]
        big = [array for array in arrays if array.nbytes > 200]
        # Feature, threshold, children and values.
        assert len(big) >= 4
        for array in big:
            assert np.shares_memory(array, whole)
            assert not array.flags.owndata
            assert not array.flags.writeable
            assert array.ctypes.data % ALIGNMENT == 0
        y, _ = plan.predict([INSTANCE])
        assert y.tolist() == estimator.predict([list(INSTANCE.values())]).tolist()
        # Python can't unmap a file that is still looked into.
        del plan, arrays, big, array, whole, y, _


def closed_over(value: Any) -> Any:
    """Yield the arrays that a function or an object refers to."""
    if isinstance(value, np.ndarray):
        yield value
    elif callable(value) and getattr(value, "__closure__", None):
        for cell in value.__closure__:
            yield from closed_over(cell.cell_contents)
    elif type(value).__module__.startswith("webapp.") and hasattr(value, "__dict__"):
        for each in vars(value).values():
            yield from closed_over(each)


def test_it_imports_no_package_of_an_estimator() -> None:
    program = "import sys, webapp.models.compiled; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert "numpy" in run.stdout.split()
    assert not {"scipy", "sklearn", "pandas", "joblib", "xgboost", "lightgbm"} & set(run.stdout.split())


@pytest.mark.parametrize("label", [True, 1, 1.0, -0.0, 5e-324, float("inf"), "", "é", "nan", None, -(2**63) + 1])
def test_a_label_keeps_its_type(label: Any) -> None:
    again = read_label(json.loads(json.dumps(write_label(label), allow_nan=False)))
    assert (type(again), repr(again)) == (type(label), repr(label))


def test_a_label_that_is_not_a_number_stays_one() -> None:
    again = read_label(write_label(np.float64("nan")))
    assert again != again


@pytest.mark.parametrize("label", [np.datetime64("2024-01-01"), (1,), b"a", 1j])
def test_a_label_of_another_type_is_not_compiled(label: Any) -> None:
    with pytest.raises(NotCompilable, match="neither texts nor numbers"):
        write_label(label)


@pytest.mark.parametrize(
    "label", [[], {}, {"float": "1"}, {"float": ["nan"]}, {"float": "nan", "a": 1}, "\0", "\ud800", 2**64, float("inf")]
)
def test_a_label_that_was_not_written_so_is_refused(label: Any) -> None:
    with pytest.raises(PlanInvalid):
        read_label(label)


def with_header(header: bytes, arrays: bytes = b"") -> bytes:
    start = MAGIC + len(header).to_bytes(8, "little") + header
    return start + b"\0" * (-len(start) % ALIGNMENT) + arrays


GOOD = exported("logistic").to_bytes()
HEADER_END = PREFIX_BYTES + int.from_bytes(GOOD[len(MAGIC) : PREFIX_BYTES], "little")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MAGIC,
        b"SDPLAN\x00\x02" + GOOD[8:],
        GOOD[:-1],
        GOOD[:-ALIGNMENT],
        GOOD + b"\0" * ALIGNMENT,
        GOOD[:HEADER_END] + b"\1" + GOOD[HEADER_END + 1 :],
        GOOD[:-1] + b"\1",
        MAGIC + (2**63).to_bytes(8, "little") + GOOD[16:],
        GOOD.replace(b'"shape": [3]', b'"shape": [4]', 1),
        GOOD.replace(b'"offset": 64', b'"offset": 00', 1),
        GOOD.replace(b'"divisor": 1', b'"divisor": 0', 1),
        GOOD.replace(b'"divisor": 1', b'"divisor": 9', 1),
        GOOD.replace(b'"center": 0, "divisor": 1', b'"center":0,"divisor":null', 1),
        GOOD.replace(b'"offset": 64', b'"offset": 32', 1),
        GOOD.replace(b'"float64"', b'"object_"', 1),
        with_header(b"[" * 200_000),
        with_header(b'{"operations": {}, "arrays": [' + b"9" * 5000 + b"]}"),
        with_header(b'{"operations": NaN, "arrays": []}'),
        with_header(b'{"operations": {}, "arrays": []}'),
        with_header(b'{"operations": [], "arrays": []}'),
        with_header(
            b'{"operations": {}, "arrays": [{"dtype": "float64", "shape": [2147483647, 2147483647], "offset": 0}]}'
        ),
        with_header(b'{"operations": {}, "arrays": [{"dtype": "float64", "shape": [0, 2147483647], "offset": 0}]}'),
        with_header(b"\xff"),
    ],
)
def test_bytes_that_are_no_plan_are_refused(data: bytes) -> None:
    assert read_plan(GOOD)
    with pytest.raises(PlanInvalid):
        read_plan(data)


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return what puts a value, or a function of the present one, at a path."""

    def change(operations: Any) -> None:
        *way, last = [int(each) if each.isdigit() else each for each in path.split("/")]
        for each in way:
            operations = operations[each]
        operations[last] = value(operations[last]) if callable(value) else value

    return change


def at(place: int, value: Any) -> Callable[[Any], Any]:
    """Return what changes one element of an array."""

    def change(array: Any) -> Any:
        array = array.copy()
        array.flat[place] = value
        return array

    return change


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("forest", put("prediction/grove/feature", at(0, 3))),
        ("forest", put("prediction/grove/feature", at(0, -1))),
        ("forest", put("prediction/grove/children", at(-1, 10**9))),
        ("forest", put("prediction/grove/children", at(5, -1))),
        ("forest", put("prediction/grove/children", lambda array: array[:-2])),
        ("forest", put("prediction/grove/roots", at(1, 10**6))),
        ("forest", put("prediction/grove/roots", lambda array: array.astype(float))),
        ("forest", put("prediction/grove/threshold", at(0, np.nan))),
        ("forest", put("prediction/grove/threshold", at(0, -np.inf))),
        ("forest", put("prediction/grove/depth", 10**6)),
        ("forest", put("prediction/grove/depth", -1)),
        ("forest", put("prediction/grove/depth", True)),
        ("forest", put("prediction/grove/depth", 3.0)),
        ("forest", put("prediction/values", at(0, np.inf))),
        ("forest", put("prediction/values", lambda array: array[:, :1])),
        ("forest", put("prediction/values", lambda array: array[:-1])),
        ("forest", put("prediction/classes", ["a", "b", "c"])),
        ("forest", put("prediction/classes", [])),
        ("forest", put("prediction/operation", "boosted class")),
        ("forest", put("prediction/operation", "os.system")),
        ("forest", put("prediction/more", 1)),
        ("forest", put("more", np.zeros(2))),
        ("forest", put("names", ["x0", "x1"])),
        ("forest", put("names", [])),
        ("forest", put("names", ["x0", "x1", 2])),
        ("forest", put("numeric", [True, True, 1])),
        ("forest", put("numeric", [True, True, False])),
        ("forest", put("blanks", [[], None, None])),
        ("forest", put("steps", [{"operation": "select", "columns": np.array([0, 3], np.int32)}])),
        ("forest", put("steps", [{"operation": "clip", "low": 0.0, "high": 1}])),
        ("forest", put("steps", {})),
        ("logistic", put("steps/0/center", lambda array: array[:2])),
        ("logistic", put("steps/0/center", 0)),
        ("logistic", put("steps/0/divisor", at(0, np.nan))),
        ("logistic", put("steps/1/name", "frompyfunc")),
        ("logistic", put("prediction/coef", lambda array: array.ravel())),
        ("logistic", put("prediction/coef", lambda array: np.vstack([array, array]))),
        ("logistic", put("prediction/link", "multinomial")),
        ("logistic", put("prediction/link", "log")),
        ("logistic", put("prediction/classes", ["a"])),
        ("logistic", put("prediction/classes", ["a", "\0"])),
    ],
)
def test_operations_that_do_not_fit_are_refused(kind: str, change: Any) -> None:
    assert read_plan(changed(kind, lambda _: None))
    with pytest.raises(PlanInvalid):
        read_plan(changed(kind, change))


def test_a_byte_that_is_neither_true_nor_false_is_refused() -> None:
    grove = exported("forest").operations["prediction"]["grove"]
    missing = np.ones(len(grove["feature"]), dtype=bool)
    data = changed("forest", put("prediction/grove/missing left", missing))
    assert read_plan(data)
    with pytest.raises(PlanInvalid, match="neither true nor false"):
        read_plan(data.replace(missing.tobytes(), b"\2" * len(missing)))


def test_trees_that_go_in_circles_give_an_answer_nevertheless() -> None:
    def circle(array: Any) -> Any:
        return np.zeros_like(array)

    plan = read_plan(changed("forest", put("prediction/grove/children", circle)))
    assert set(plan.predict([INSTANCE] * 40)[0].tolist()) <= {"left", "right"}
    tree = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0])
    data = export_plan(tree, read_signature(tree)).operations
    circles = np.zeros_like(data["prediction"]["grove"]["children"])
    circles[0] = 1
    grove = {**data["prediction"]["grove"], "children": circles}
    plan = read_plan(PlanData({**data, "prediction": {**data["prediction"], "grove": grove}}).to_bytes())
    assert plan.predict([INSTANCE])[0].shape == (1,)


def test_operations_inside_each_other_without_end_are_refused() -> None:
    operations: list[Any] = []
    for _ in range(100):
        part = {"columns": np.arange(3, dtype=np.int32), "operations": operations}
        operations = [{"operation": "side by side", "parts": [part]}]
    with pytest.raises(PlanInvalid, match="too deep"):
        read_plan(changed("logistic", put("steps", operations)))


def test_a_plan_that_computes_too_much_for_each_row_is_refused() -> None:
    wide = {"operation": "select", "columns": np.zeros(100_000, dtype=np.int32)}
    with pytest.raises(PlanInvalid, match="too much"):
        read_plan(changed("logistic", put("steps", [wide, {"operation": "require finite"}] * 2)))


def test_more_rows_than_bounded_work_allows_are_left_to_the_estimator() -> None:
    plan = read_plan(changed("logistic", lambda _: None))
    with pytest.raises(Unsure):
        plan.predict([INSTANCE] * (plan.max_rows + 1))


def test_the_views_can_not_be_written_to() -> None:
    _, arrays = split(memoryview(bytearray(GOOD)))
    assert arrays
    assert not any(array.flags.writeable for array in arrays)
