"""webapp.models.findings"""

from __future__ import annotations

from webapp.models.file_report import FileReport
from webapp.models.findings import findings
from webapp.types import Feature, Output, Range, Signature


def found(*features: Feature, layout: str = "frame", classes: tuple[str, ...] = ("no", "yes")) -> dict[str, str]:
    signature = Signature(
        task="classification",
        features=features,
        outputs=(Output(name="y", classes=classes),),
        layout=layout,  # type: ignore[arg-type]
    )
    return dict(findings(FileReport(holds="Pipeline", made_with="1.9.0"), signature))


AGE = Feature(name="age_h", range=Range(low=0, high=1, exact=True, source="a scaler"))
SEX = Feature(name="sex", kind="category", choices=("f", "m"), optional=True)


def test_it_says_what_is_known() -> None:
    assert found(AGE, SEX) == {
        "Model": "Pipeline, made with scikit-learn 1.9.0",
        "Predicts": "no or yes",
        "Inputs": "2: Age (h), Sex; 1 of them may be left blank",
    }


def test_it_counts_what_does_not_fit_in_a_line() -> None:
    lines = found(*(Feature(name=f"x{number}", optional=True) for number in range(10)), classes=tuple("abcdefghijklmn"))
    assert lines["Inputs"] == "10: x0, x1, x2, x3, x4, x5, x6, x7 and 2 more; all may be left blank"
    assert lines["Predicts"] == "one of 14 classes"


def test_it_says_what_it_guesses() -> None:
    assert found(Feature(name="x0"), layout="array")["Guessed"] == (
        "The file says nothing about x0, so any number is accepted there."
    )
    assert found(AGE, layout="array")["Guessed"].startswith("The file does not name its inputs")
    assert found(Feature(name="day", kind="date", source="testing"))["Guessed"] == (
        "The model was tested and accepts dates for Day."
    )


def test_a_prediction_that_failed_on_trial_is_told() -> None:
    signature = Signature(task="regression", features=(AGE,), outputs=(Output(name="y", classes=()),), layout="frame")
    report = FileReport(prediction="The prediction for a made-up input failed (AttributeError).")
    assert ("Trial", report.prediction) in findings(report, signature)
    assert "Trial" not in dict(findings(FileReport(), signature))
