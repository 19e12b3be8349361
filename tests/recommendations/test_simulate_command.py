"""`manage.py simulate`: figures on stdout, curves in a directory, refusals in a sentence, and no database."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from ml.simulation import LABELS, POLICIES, RULES
from recommendations.services.curves import Chart, Line

SVG = "{http://www.w3.org/2000/svg}"


def simulate(**options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    small = {"people": 40, "days": 3, "seed": 1}
    call_command("simulate", stdout=out, stderr=err, **(small | options))
    return out.getvalue(), err.getvalue()


# ---------------------------------------------------------------- what is printed


@pytest.mark.parametrize("world", ["simple", "misspecified"])
def test_json_is_one_object_and_nothing_else(world: str) -> None:
    out, err = simulate(world=world, json=True)
    found = json.loads(out)
    assert {name: found[name] for name in ("world", "people", "days", "seed", "compare")} == {
        "world": world,
        "people": 40,
        "days": 3,
        "seed": 1,
        "compare": "policies",
    }
    assert list(found["arms"]) == list(POLICIES)
    for figures in found["arms"].values():
        assert figures["impressions"] > 0
        assert 0 <= figures["gini"] < 1
        assert len(figures["curve"]["days"]) == len(figures["curve"]["mutual_per_1000"]) == 1
    assert all(name in err for name in POLICIES)


def test_the_same_seed_prints_the_same_and_another_one_something_else() -> None:
    first, again, other = (simulate(json=True, seed=seed)[0] for seed in (1, 1, 2))
    assert first == again
    assert json.loads(first)["arms"] != json.loads(other)["arms"]


def test_the_table_has_a_row_for_each_way_of_ranking() -> None:
    rows = simulate()[0].splitlines()
    assert [row.split()[0] for row in rows[2:]] == list(POLICIES)
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(("compare", "arms"), [("rules", RULES), ("labels", LABELS)])
def test_rules_and_labels_can_be_compared_too(compare: str, arms: dict[str, Any]) -> None:
    found = json.loads(simulate(json=True, compare=compare)[0])
    assert list(found["arms"]) == list(arms)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"days": 0}, "--days must lie between 1 and"),
        ({"days": 1_001}, "--days must lie between 1 and"),
        ({"people": 29}, "--people must lie between 30 and"),
        ({"people": 1_000_000}, "--people must lie between 30 and"),
        ({"seed": -1}, "--seed must not be negative"),
        ({"compare": "rules", "figures": Path("anywhere")}, "--figures draws the policies only"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(options: dict[str, Any], word: str) -> None:
    with pytest.raises(CommandError, match=word):
        simulate(**options)


@pytest.mark.parametrize("arguments", [["--world", "flat"], ["--days", "many"], ["--compare", "all"]])
def test_unknown_words_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("simulate", *arguments)


def test_a_directory_that_cannot_be_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written there"):
        simulate(figures=tmp_path / "file" / "below")


# ---------------------------------------------------------------- figures


def test_figures_are_whole_and_say_what_they_are(tmp_path: Path) -> None:
    simulate(figures=tmp_path / "figures")
    names = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert names == [f"simulation-simple-{name}.svg" for name in ("auc", "exposure", "mutual")]
    root = ElementTree.parse(tmp_path / "figures" / names[2]).getroot()  # noqa: S314 - our own file
    assert root.get("role") == "img"
    assert (root.findtext(f"{SVG}title") or "").startswith("Mutual likes")
    assert root.findtext(f"{SVG}desc")
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {"Day", "mutual likes per 1,000", "chance", "learned", "oracle"} <= words


def test_a_chart_lies_inside_its_frame_breaks_at_gaps_and_escapes_names() -> None:
    lines = [Line("a < b", [0, 1, 2, 3], [1.0, None, 3.0, 8.0], "blue"), Line("c", [0, 3], [8.0, 8.0], "green", True)]
    root = ElementTree.fromstring(Chart("T & t", "d", "x", "y", lines).svg())  # noqa: S314 - our own text
    drawn = [path for path in root.iter(f"{SVG}path") if "line" in path.attrib["class"]]
    assert drawn[0].attrib["d"].count("M") == 2
    assert "dashed" not in drawn[0].attrib["class"]
    assert "dashed" in drawn[1].attrib["class"]
    heights = [float(text.attrib["y"]) for text in root.iter(f"{SVG}text") if text.text in {"a < b", "c"}]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 16
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= 760
        assert 0 <= float(text.attrib["y"]) <= 400


@pytest.mark.parametrize(
    ("lines", "ticks"),
    [
        ([Line("a", [0, 60], [0.0, 23.0], "ink")], {"0", "5", "25", "60"}),
        ([Line("a", [0, 1], [0.55, 0.79], "ink")], {"0.55", "0.8", "1"}),
        ([Line("a", [0, 1], [3.0, 3.0], "ink")], {"3"}),
        ([], {"0", "1"}),
    ],
)
def test_axes_are_labelled_with_round_numbers(lines: list[Line], ticks: set[str]) -> None:
    root = ElementTree.fromstring(Chart("t", "d", "x", "y", lines).svg())  # noqa: S314 - our own text
    assert ticks <= {text.text for text in root.iter(f"{SVG}text")}
