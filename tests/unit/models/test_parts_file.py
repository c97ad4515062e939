"""Several files in one: what is written is read back, and anything else is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import sklearn
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from tests.cells import LOADER
from webapp.cell.reading import read_file
from webapp.models.parts_file import MARK, FilePart, PartsInvalid, read_parts, write_parts

MODEL = FilePart(role="model", name="model.pkl", data=pickle.dumps(LinearRegression().fit([[0.0], [1.0]], [0, 1])))
SCALER = FilePart(role="before", name="scaler.pkl", data=pickle.dumps(StandardScaler().fit([[0.0], [4.0]])))
WHOLE = write_parts([SCALER, MODEL])


def test_it_reads_what_it_wrote() -> None:
    assert read_parts(WHOLE) == [SCALER, MODEL]


@pytest.mark.parametrize(
    "data",
    [
        MARK,
        MARK + b"[1]\n",
        MARK + b"[" * 5000 + b"\n",
        MARK + b'[{"role": "model", "name": "a", "size": -1}]\n',
        MARK + b'[{"role": "model", "name": "a", "size": 99999999999}]\n',
        MARK + b'[{"role": "other", "name": "a", "size": 0}]\n',
        MARK + b'[{"role": "model", "name": 1, "size": 0}]\n',
        MARK + b"[" + b",".join([b'{"role": "before", "name": "a", "size": 0}'] * 21) + b"]\n",
        WHOLE[:-1],
        WHOLE + b"\0",
    ],
)
def test_it_refuses_anything_else(data: bytes) -> None:
    with pytest.raises(PartsInvalid):
        read_parts(data)
    *_, (report, model) = read_file(data, ())
    assert (report.reason, model) == ("The file is damaged.", None)


def test_parts_inside_of_parts_are_refused() -> None:
    *_, (report, model) = read_file(write_parts([FilePart(role="model", name="inner", data=WHOLE)]), ())
    assert model is None
    assert report.reason


@pytest.mark.parametrize("parts", [[SCALER], [MODEL, MODEL]])
def test_exactly_one_part_is_the_model(parts: list[FilePart]) -> None:
    *_, (report, model) = read_file(write_parts(parts), ())
    assert (report.reason, model) == ("Exactly one of the files must be the model.", None)


def test_a_hostile_part_is_refused_before_any_is_loaded(tmp_path: Path) -> None:
    evil = FilePart(role="names", name="names.pkl", data=b"\x80\x02cposix\nsystem\nX\x09\x00\x00\x00touch ran\x85R.")
    path = tmp_path / "parts"
    path.write_bytes(write_parts([SCALER, evil, MODEL]))
    check = LOADER.check(path, model="parts")
    assert check.reason == "names.pkl: It needs posix.system, which is not on the list of allowed types."
    assert check.report.refused == ("posix.system (call)",)


def test_parts_of_different_versions_are_refused() -> None:
    other = SCALER.data.replace(sklearn.__version__.encode(), b"1.7.2")
    *_, (report, _) = read_file(write_parts([FilePart(role="before", name="scaler.pkl", data=other), MODEL]), ())
    assert f"different versions of scikit-learn: 1.7.2, {sklearn.__version__}" in str(report.reason)
