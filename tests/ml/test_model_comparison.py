"""Two measurement models beside each other: known permutations are found, and a model agrees with itself."""

from dataclasses import replace

import numpy as np
import pytest

from ml import model_comparison, synthetic
from ml.artifacts import load_reference
from ml.model_comparison import FactorPair


def test_factors_are_found_again_in_another_order_and_direction() -> None:
    loadings = np.random.default_rng(1).standard_normal((20, 4))
    order = [2, 0, 3, 1]
    pairs = model_comparison.pair_factors(loadings, -loadings[:, order])
    assert [order[pair.second] for pair in pairs if pair.second is not None] == [0, 1, 2, 3]
    assert [pair.congruence for pair in pairs] == pytest.approx([1.0] * 4)


def test_a_factor_too_many_on_either_side_stays_alone() -> None:
    more, fewer = np.eye(4), np.eye(4)[:, [3, 1]]
    assert model_comparison.pair_factors(more, fewer) == (
        FactorPair(0, None, None),
        FactorPair(1, 1, 1.0),
        FactorPair(2, None, None),
        FactorPair(3, 0, 1.0),
    )
    assert model_comparison.pair_factors(fewer, more) == (
        FactorPair(0, 3, 1.0),
        FactorPair(1, 1, 1.0),
        FactorPair(None, 0, None),
        FactorPair(None, 2, None),
    )


def test_a_model_agrees_with_itself_and_less_with_one_that_knows_less() -> None:
    model = load_reference()
    answers = synthetic.sample_answers(model, 60, np.random.default_rng(2))
    same = model_comparison.agreement(model, model, answers)
    assert same.rank_correlation == pytest.approx(1.0)
    assert same.neighbours == 1.0
    assert (same.types == np.diag(np.bincount(model.place(answers).types, minlength=len(model.type_centres)))).all()
    poorer = replace(model, loadings=model.loadings[:, :5], type_centres=model.type_centres[::-1])
    there, back = (model_comparison.agreement(*pair, answers) for pair in ((model, poorer), (poorer, model)))
    assert there.rank_correlation == pytest.approx(back.rank_correlation)
    assert 0 < there.rank_correlation < 0.9
    assert 0 < there.neighbours == back.neighbours < 0.9
    # The types are the same in reversed order, so everybody stands on the other diagonal.
    assert (there.types[:, ::-1] == same.types).all()
    assert (there.types == back.types.T).all()


def test_too_few_sheets_have_no_neighbours() -> None:
    model = load_reference()
    with pytest.raises(ValueError, match="11 sheets are too few"):
        model_comparison.agreement(model, model, np.full((11, 163), 3, dtype=np.int8))
