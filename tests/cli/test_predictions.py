"""flask predictions"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.conftest import MakeApp
from tests.faults.rows import a_row, an_id, spooled
from tests.sealing import SEALING_SECRET, SealedLog, sealed_log
from webapp.helpers.sealing import signing_keys
from webapp.services.spool import Spool

ROOT = Path(__file__).parents[2]


@pytest.fixture
def log(database_url: str, tmp_path: Path) -> Iterator[SealedLog]:
    with sealed_log(database_url, tmp_path) as log:
        yield log


@pytest.fixture
def run(make_app: MakeApp) -> Any:
    app = make_app(sealing_key=SEALING_SECRET)

    def run(*words: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["predictions", *words])
        return result.exit_code, result.output

    return run


def test_it_seals_and_verifies(log: SealedLog, run: Any) -> None:
    log.record(3)
    assert run("seal") == (0, "Sealed 3 predictions and 1 audit event.\n")
    said = "Verified 3 predictions in 1 seal and 0 that are not sealed yet.\nNo tampering was found.\n"
    assert run("verify") == (0, said)
    log.record(1, start=3)
    assert run("verify")[1].startswith("Verified 3 predictions in 1 seal and 1 that are not sealed yet.\n")


def test_rows_of_before_there_were_codes_are_told(log: SealedLog, run: Any) -> None:
    log.record(3)
    log.run("UPDATE predictions SET number = number - 1000, mac = NULL WHERE number < 3")
    said = "2 predictions were recorded without a code by an earlier version; they are sealed as they were found.\n"
    assert said in run("verify")[1]
    run("seal")
    assert said in run("verify")[1]


def test_an_empty_log_is_as_it_should_be(run: Any) -> None:
    assert run("verify")[0] == 0


def test_who_sealed_is_told(log: SealedLog, run: Any) -> None:
    run("seal")
    assert log.audit.page()[0].action == "sealed the log"


def test_tampering_is_told_row_by_row_and_fails(log: SealedLog, run: Any) -> None:
    ids = log.record(3)
    run("seal")
    log.change(ids[1], "model = 'other'")
    code, output = run("verify")
    assert code == 1
    assert output.splitlines()[0] == f"Prediction {ids[1]} was changed after it was sealed."
    assert output.endswith("Error: The log was tampered with: 1 finding.\n")


def test_sealing_what_was_tampered_with_fails(log: SealedLog, run: Any) -> None:
    (id,) = log.record()
    log.change(id, "model = 'other'")
    code, output = run("seal")
    assert code == 1
    assert "Inserted or changed outside the service: 1 prediction." in output


def test_it_verifies_by_a_public_key_alone(log: SealedLog, run: Any, tmp_path: Path) -> None:
    log.record()
    run("seal")
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_text(run("key")[1])
    other.write_text(signing_keys.public_pem(Ed25519PrivateKey.generate().public_key()))
    assert run("verify", "--key", str(own))[0] == 0
    assert run("verify", "--key", str(other), "--key", str(own))[0] == 0
    assert run("verify", "--key", str(other))[0] == 1
    other.write_text("nothing")
    assert "does not contain an Ed25519 public key" in run("verify", "--key", str(other))[1]


def test_after_a_change_of_the_key_it_seals_with_the_public_key_of_before(
    log: SealedLog, run: Any, make_app: MakeApp, tmp_path: Path
) -> None:
    with sealed_log(log.url, tmp_path, secret="22" * 32) as before:
        before.record()
        before.sealer.seal()
        (tmp_path / "before.pem").write_text(signing_keys.public_pem(before.sealer.key.public_key()))
    code, output = run("seal")
    assert code == 1
    assert output.startswith("Error: SEALING_KEY is not the key that the records in this database were made with.")
    accepted = make_app(sealing_key=SEALING_SECRET).test_cli_runner().invoke(args=["database", "accept-keys"])
    assert accepted.output == "Accepted SEALING_KEY.\n"
    code, output = run("seal")
    assert code == 1
    assert output.startswith("Error: The newest seal was not signed with a key of this service.")
    assert run("seal", "--key", str(tmp_path / "before.pem")) == (0, "Sealed 0 predictions and 3 audit events.\n")
    assert run("seal")[0] == 0


def check(folder: Path, proof: dict[str, Any], key: str) -> subprocess.CompletedProcess[str]:
    """Check a proof as a third party does: with the script and the public key alone."""
    (folder / "proof.json").write_text(json.dumps(proof))
    (folder / "public.pem").write_text(key)
    script = [sys.executable, "-I", str(ROOT / "docs/check_proof.py"), "proof.json", "public.pem"]
    return subprocess.run(script, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("place", [0, 3, 4, 5, 6])
def test_a_third_party_can_check_a_proof(log: SealedLog, run: Any, tmp_path: Path, place: int) -> None:
    ids = log.record(7, inputs={"patient_id": 17, "age": 1e17})
    run("seal")
    proof = json.loads(run("prove", str(ids[place]))[1])
    checked = check(tmp_path, proof, run("key")[1])
    assert (checked.returncode, checked.stderr) == (0, "")
    first, second = checked.stdout.splitlines()
    assert first.startswith("Sealed as number 1 at 20")
    assert str(ids[place]) in first
    assert (
        second
        == 'Its inputs and warnings: [{"age":100000000000000000,"patient_id":17},[{"loc":["a"],"msg":"Careful."}]]'
    )


CHANGES = {
    "metadata": lambda proof: proof["metadata"].replace("penguins", "other"),
    "payload": lambda proof: proof["payload"].replace("17", "18"),
    "payload_digest": lambda _: "00" * 32,
    "salt": lambda _: "00" * 16,
    "index": lambda proof: proof["index"] + 1,
    "path": lambda proof: proof["path"][:-1],
    "unproven": lambda _: "00" * 16,
    "path ": lambda proof: [*proof["path"], "00" * 32],
    "head": lambda proof: proof["head"].replace('"number":1', '"number":2'),
    "signature": lambda _: "00" * 64,
}


@pytest.mark.parametrize("part", CHANGES)
def test_a_changed_proof_is_refused(log: SealedLog, run: Any, tmp_path: Path, part: str) -> None:
    ids = log.record(5, inputs={"patient_id": 17})
    run("seal")
    proof = json.loads(run("prove", str(ids[2]))[1])
    checked = check(tmp_path, proof | {part.strip(): CHANGES[part](proof)}, run("key")[1])
    assert (checked.returncode, checked.stdout) == (1, "")


def test_what_the_service_did_not_make_can_not_be_proved(log: SealedLog, run: Any, tmp_path: Path) -> None:
    made_up, genuine = log.record(2)
    log.change(made_up, "model = 'other'")
    run("seal")
    assert run("prove", str(made_up))[1].startswith(
        "Error: This prediction doesn't match what was recorded and sealed."
    )
    proof = json.loads(run("prove", str(genuine))[1])
    assert proof["unproven"] == made_up.hex
    assert check(tmp_path, proof, run("key")[1]).returncode == 0


def test_a_proof_of_what_the_service_did_not_make_is_refused(log: SealedLog, run: Any, tmp_path: Path) -> None:
    others = log.record(3)
    for id in others:
        log.change(id, "model = 'other'")
    run("seal")
    log.run("UPDATE seals SET unproven = ''")
    proof = json.loads(run("prove", str(others[1]))[1])
    emptied = check(tmp_path, proof, run("key")[1])
    assert emptied.stderr == "The list of predictions that the service did not make is not the one that was sealed.\n"
    whole = check(tmp_path, proof | {"unproven": "".join(id.hex for id in others)}, run("key")[1])
    assert whole.stderr == "The service did not make this prediction, or it was changed before it was sealed.\n"
    assert (emptied.returncode, emptied.stdout, whole.returncode, whole.stdout) == (1, "", 1, "")


def test_the_end_of_what_a_proof_says_can_not_be_cut_off(log: SealedLog, run: Any, tmp_path: Path) -> None:
    (id,) = log.record()
    run("seal")
    proof = json.loads(run("prove", str(id))[1])
    del proof["payload"], proof["salt"]
    cut, rest = proof["metadata"][:-20], proof["metadata"][-20:]
    proof |= {"metadata": cut, "payload_digest": rest.encode().hex() + proof["payload_digest"]}
    checked = check(tmp_path, proof, run("key")[1])
    said = "The digest of the inputs has the wrong length.\n"
    assert (checked.returncode, checked.stdout, checked.stderr) == (1, "", said)


def test_the_beginning_of_the_inputs_in_a_proof_can_not_be_cut_off(log: SealedLog, run: Any, tmp_path: Path) -> None:
    (id,) = log.record(inputs={"patient_id": 17})
    run("seal")
    proof = json.loads(run("prove", str(id))[1])
    cut, rest = proof["payload"][:20], proof["payload"][20:]
    proof |= {"salt": proof["salt"] + cut.encode().hex(), "payload": rest}
    checked = check(tmp_path, proof, run("key")[1])
    assert (checked.returncode, checked.stdout, checked.stderr) == (1, "", "The salt has the wrong length.\n")


def test_the_documents_tell_how_long_the_script_is() -> None:
    length = len((ROOT / "docs/check_proof.py").read_text().splitlines())
    assert f"and {length} lines" in (ROOT / "docs/security.md").read_text()


def test_a_proof_is_refused_under_another_key(log: SealedLog, run: Any, tmp_path: Path) -> None:
    (id,) = log.record()
    run("seal")
    other = signing_keys.public_pem(Ed25519PrivateKey.generate().public_key())
    assert check(tmp_path, json.loads(run("prove", str(id))[1]), other).returncode == 1


def test_what_was_forgotten_can_still_be_proved_without_its_inputs(log: SealedLog, run: Any, tmp_path: Path) -> None:
    ids = log.record(3, inputs={"patient_id": 17})
    said = "Removed the inputs and warnings of 3 predictions of penguins.\n"
    assert run("forget", "--model", "penguins", "--input", "patient_id=17") == (0, said)
    proof = json.loads(run("prove", str(ids[1]))[1])
    assert "17" not in json.dumps({**proof, "head": "", "path": "", "signature": "", "payload_digest": ""})
    assert check(tmp_path, proof, run("key")[1]).returncode == 0
    code, output = run("verify")
    assert code == 0
    assert "Deleted on purpose: the inputs of 3 predictions (forget) and 0 whole predictions (prune).\n" in output


def test_what_is_not_sealed_or_not_there_can_not_be_proved(log: SealedLog, run: Any) -> None:
    (id,) = log.record()
    assert run("prove", str(id))[1].startswith("Error: This prediction is not sealed yet.")
    assert run("prove", str(an_id()))[1] == "Error: This prediction doesn't exist, or you aren't allowed to see it.\n"
    assert "This is not a record ID." in run("prove", "17")[1]
    run("seal")
    log.change(id, "model = 'other'")
    assert run("prove", str(id))[1].startswith("Error: This prediction doesn't match what was recorded and sealed.")


def test_what_waits_in_the_spool_is_forgotten_too(make_app: MakeApp, tmp_path: Path) -> None:
    id = an_id()
    app = make_app(sealing_key=SEALING_SECRET, spool_dir=tmp_path / "waiting")
    spooled(tmp_path / "waiting", [a_row(id, inputs={"patient_id": 17})])
    result = app.test_cli_runner().invoke(
        args=["predictions", "forget", "--model", "penguins", "--input", "patient_id=17"]
    )
    assert result.output == "Removed the inputs and warnings of 1 prediction of penguins.\n"
    assert app.extensions["scoredesk"].log.get(id).inputs is None


def test_nothing_is_forgotten_while_a_running_worker_holds_what_may_be_meant(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.cli.predictions.SPOOL_WAIT_SECONDS", 0.2)
    app = make_app(sealing_key=SEALING_SECRET, spool_dir=tmp_path / "waiting")
    worker = Spool(tmp_path / "waiting")
    worker.append([a_row(an_id(), inputs={"patient_id": 17})])
    forget = ["predictions", "forget", "--model", "penguins", "--input", "patient_id=17"]
    result = app.test_cli_runner().invoke(args=forget)
    assert (result.exit_code, "still wait in the spool" in result.output) == (1, True)
    worker.seal()
    worker.set_aside([(b"a torn line", "checksum")])
    result = app.test_cli_runner().invoke(args=forget)
    assert "of 1 prediction of penguins" in result.output
    assert "1 line set aside in the spool may hold them too" in result.output


@pytest.mark.parametrize("pair", ["patient_id", "=17"])
def test_an_input_needs_a_name_and_a_value(run: Any, pair: str) -> None:
    code, output = run("forget", "--model", "penguins", "--input", pair)
    assert code == 2
    assert "Write an input like patient_id=17." in output


def test_it_prunes(log: SealedLog, run: Any) -> None:
    log.record(2)
    nothing, all_ = run("prune", "--older-than", "2026-11-01"), run("prune", "--older-than", "2026-12-01")
    assert nothing == (0, "Dropped 0 months with 0 predictions, all from before 2026-11-01.\n")
    assert all_ == (0, "Dropped 1 month with 2 predictions, all from before 2026-12-01.\n")
    assert "the inputs of 0 predictions (forget) and 2 whole predictions (prune)" in run("verify")[1]


def test_it_says_how_an_age_is_written(run: Any) -> None:
    code, output = run("prune", "--older-than", "long ago")
    assert code == 2
    assert "Write it like 24months, 90days or 2025-01-01." in output


@pytest.mark.parametrize("words", [["seal"], ["verify"], ["prune", "--older-than", "2years"]])
def test_it_says_when_postgresql_is_out_of_reach(make_app: MakeApp, words: list[str]) -> None:
    app = make_app(sealing_key=SEALING_SECRET, database_url="postgresql://x@127.0.0.1:9/x")
    result = app.test_cli_runner().invoke(args=["predictions", *words])
    assert result.exit_code == 1
    assert "can't be reached" in result.output


def test_a_key_is_made_once_where_none_is_set(make_app: MakeApp, tmp_path: Path) -> None:
    said = [
        make_app(instance_dir=tmp_path / "instance").test_cli_runner().invoke(args=["predictions", "key"]).output
        for _ in range(2)
    ]
    assert said[0] == said[1]
    assert said[0].startswith("-----BEGIN PUBLIC KEY-----\n")
    assert (tmp_path / "instance/sealing_key").stat().st_mode & 0o777 == 0o600
