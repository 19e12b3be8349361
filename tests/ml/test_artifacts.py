"""Models as files."""

import io
import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml import artifacts, pipeline, responses
from ml.items import ITEMS
from ml.measurement import MeasurementModel, array_names
from tests.ml.planted import planted_answers


@pytest.fixture
def saved(planted_model: MeasurementModel, tmp_path: Path) -> Path:
    artifacts.save(planted_model, tmp_path / "model.npz")
    return tmp_path / "model.npz"


def rewritten(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    members[name] = content
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return path


def as_member(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=array.dtype == object)
    return buffer.getvalue()


def description(**changes: object) -> bytes:
    header = {"sha256": "0", "text": json.dumps({"schema": 1, "type_names": [], "report": {}} | changes)}
    return as_member(np.frombuffer(json.dumps(header).encode(), dtype=np.uint8))


def test_a_loaded_model_places_as_the_saved_one(saved: Path, planted_model: MeasurementModel) -> None:
    loaded = artifacts.load(saved)
    for name in array_names():
        np.testing.assert_array_equal(getattr(loaded, name), getattr(planted_model, name))
    assert loaded.type_names == planted_model.type_names
    assert loaded.report == planted_model.report
    answers, _ = planted_answers(5, np.random.default_rng(0), missing=0.3)
    np.testing.assert_array_equal(loaded.place(answers).axes, planted_model.place(answers).axes)


def test_equal_models_are_equal_files(planted_model: MeasurementModel) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    assert artifacts.save(planted_model, first) == artifacts.save(planted_model, second)
    assert first.getvalue() == second.getvalue()
    first.seek(0)
    assert artifacts.load(first).n_axes == planted_model.n_axes


def test_nothing_half_written_remains(planted_model: MeasurementModel, tmp_path: Path) -> None:
    unstorable = replace(planted_model, report={"number": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        artifacts.save(unstorable, tmp_path / "model.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_changed_number_is_noticed(saved: Path) -> None:
    changed = rewritten(saved, "label_cuts.npy", as_member(np.zeros(4)))
    with pytest.raises(ValueError, match="checksum"):
        artifacts.load(changed)


def test_a_missing_part_is_noticed(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "loadings.npy"}
    with zipfile.ZipFile(saved, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(ValueError, match="checksum"):
        artifacts.load(saved)


def test_another_schema_version_is_refused(saved: Path) -> None:
    with pytest.raises(ValueError, match="schema version 2"):
        artifacts.load(rewritten(saved, "description.npy", description(schema=2)))


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 broken"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a measurement model"):
        artifacts.load(path)


def test_a_cut_off_file_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(ValueError, match="not a measurement model"):
        artifacts.load(saved)


def test_pickled_objects_are_never_read(saved: Path) -> None:
    with pytest.raises(ValueError, match="not a measurement model"):
        artifacts.load(rewritten(saved, "loadings.npy", as_member(np.array([{"a": 1}], dtype=object))))


class TestReference:
    def test_loads_at_once(self) -> None:
        path = Path(artifacts.__file__).parent / "reference" / "model.npz"
        seconds = []
        for _ in range(5):
            started = time.perf_counter()
            artifacts.load(path)
            seconds.append(time.perf_counter() - started)
        assert min(seconds) < 0.05
        assert path.stat().st_size < 1_000_000

    def test_is_read_once(self) -> None:
        assert artifacts.load_reference() is artifacts.load_reference()

    def test_report_beside_it_is_its_own(self, reference: MeasurementModel) -> None:
        path = Path(artifacts.__file__).parent / "reference" / "report.json"
        beside = json.loads(path.read_text(encoding="utf-8"))
        assert beside.pop("sha256")
        assert beside == reference.report

    def test_holds_what_was_found_in_the_published_data(self, reference: MeasurementModel) -> None:
        report = reference.report
        assert report["cleaning"]["published"] == 49_159
        assert report["data"]["people"] == report["cleaning"]["left"] == 35_938
        assert report["kaiser"] == 26
        assert report["space"]["k"] == reference.n_space == 31
        assert reference.report["types"]["k"] == len(reference.type_names) == 5
        assert (np.diff(reference.label_cuts) > 0).all()

    def test_people_who_agree_with_warm_statements_are_warm(self, reference: MeasurementModel) -> None:
        answers = np.full((1, 163), 3)
        for index, item in enumerate(ITEMS):
            if item.scale == "A":
                answers[0, index] = 3 + 2 * item.keyed
        place = reference.place(answers)
        assert place.percentile[0, 0] > 90

    def test_finds_people_again_far_better_than_scales_do(self, reference: MeasurementModel) -> None:
        found = reference.report["held_out"]["half_retrieval"]
        ceiling = found["all correlations of the items (linear ceiling)"]
        assert found["likeness"]["top_1"] > 3 * found["keyed scales, Euclid"]["top_1"]
        assert found["likeness"]["top_1"] > ceiling["top_1"] - 0.04
        assert found["likeness"]["top_10"] > ceiling["top_10"] - 0.04

    @pytest.mark.dataset
    @pytest.mark.long
    def test_can_be_made_again(self, reference: MeasurementModel, seed_dataset: Path) -> None:
        published = responses.read_published(seed_dataset)
        mask, _ = responses.training_mask(
            published.answers, age=published.age, accuracy=published.accuracy, elapsed=published.elapsed
        )
        norm_rows = responses.is_adult(published.age)[mask]
        again = pipeline.train_measurement(published.answers[mask], norm_rows=norm_rows, random_state=0)
        for name in array_names():
            np.testing.assert_allclose(getattr(again, name), getattr(reference, name), atol=1e-4)
        assert again.type_names == reference.type_names
