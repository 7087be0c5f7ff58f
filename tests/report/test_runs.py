"""Running a lesson: what is kept of it, what is compared, and what happens when it explodes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.lessons import LESSONS
from tinygrad_edu.report import adjusted, recorded, run, start_of, train
from tinygrad_edu.report.runs import KEPT

each_lesson = pytest.mark.parametrize("name", LESSONS)


@each_lesson
def test_every_derived_gradient_is_compared_before_and_after_the_training(name, run_of):
    result = run_of(name)
    assert result.ok
    assert set(result.compared) == {formula.name for formula in result.lesson.gradients}
    assert result.steps[0].number < result.steps[-1].number


@pytest.mark.parametrize("name", [name for name, lesson in LESSONS.items() if not lesson.mistake])
def test_gradients_by_hand_and_by_machine_stand_side_by_side(name, run_of):
    result = run_of(name)
    for gradient in result.by_hand:
        np.testing.assert_allclose(
            result.by_hand[gradient], result.automatic[gradient], rtol=1e-9, atol=1e-14
        )


WRITTEN = {
    "neuron": {
        "f": "1/4 (f − y)",
        "s": "2 ∂Q/∂f ⊙ f ⊙ (1 − f)",
        "w": "xᵀ ∂Q/∂s",
        "b": "Σ ∂Q/∂s",
    },
    "linear-regression": {"f": "1/63 (f − y)", "theta0": "1/63 Σ (f − y)", "theta1": "1/63 Σ (f − y) x"},
    "xor": {
        "a2": "1/4 (a₂ − y)",
        "z2": "1/4 (a₂ − y) ⊙ a₂ ⊙ (1 − a₂)",
        "W2": "a₁ᵀ δ₂",
        "b2": "Σ_j δ₂",
        "a1": "δ₂ W₂ᵀ",
        "z1": "δ₂ W₂ᵀ ⊙ a₁ ⊙ (1 − a₁)",
        "W1": "xᵀ δ₁",
        "b1": "Σ_j δ₁",
    },
}
WRITTEN["xor-cross-entropy"] = WRITTEN["xor"] | {"z2": "1/4 (σ(z₂) − y)"}
WRITTEN["published-network"] = WRITTEN["xor"]
WRITTEN["batman"] = WRITTEN["xor"] | {"z2": "1/627 (σ(z₂) − y)"}
WRITTEN["batman-lbfgs"] = WRITTEN["batman"] | {"W2": "4e-5 W₂ + a₁ᵀ δ₂", "W1": "4e-5 W₁ + xᵀ δ₁"}
WRITTEN["extrapolation"] = WRITTEN["xor"] | {"z2": "1/63 (z₂ − y)"}


@each_lesson
def test_autodiff_writes_what_was_derived_by_hand(name, run_of):
    written = run_of(name).written
    expected = {key: text for key, text in WRITTEN[name].items() if key in written}
    assert list(written) == [formula.name for formula in run_of(name).lesson.gradients]
    assert {key: formula.text for key, formula in written.items()} == expected


def test_a_wrong_derivation_is_told(run_of):
    right = LESSONS["xor"]

    def by_hand(x, y, a1, a2, W2):
        gradients = right.by_hand(x, y, a1, a2, W2)
        return {**gradients, "W2": 2 * gradients["W2"]}

    result = run(adjusted(replace(right, by_hand=by_hand), steps=3), seed=0)
    assert not result.ok
    assert "The mistake is at W2." in str(result.table())
    assert result.to_dict()["ok"] is False


def test_a_mistake_that_is_known_is_found_and_told(run_of):
    result = run_of("published-network")
    assert result.ok
    assert not result.at_start.ok
    assert str(result.table()).endswith(
        "The mistake is at z2; a1, z1, b2, W2, b1 and W1 are wrong only because of that. The derivative of "
        "`a2 = sigmoid(z2)` is missing: multiply by `a2 * (1 - a2)`. This is the gradient of the binary "
        "cross-entropy, but the loss is half the squared error."
    )


def test_a_known_mistake_that_is_not_there_is_told():
    lesson = replace(LESSONS["neuron"], mistake=("missing-derivative",))
    result = run(adjusted(lesson, steps=3), seed=0)
    assert not result.ok
    assert str(result.table()).endswith("The mistake that is known to be here was not found.")


def test_a_run_is_json(run_of):
    told = json.loads(json.dumps(run_of("neuron").to_dict()))
    assert list(told) == [
        "lesson", "ok", "steps", "objective_before", "objective", "seconds", "compiled", "at_start", "at_end",
    ]  # fmt: skip


def test_the_table_has_a_line_for_each_gradient(run_of):
    lines = str(run_of("neuron").table()).splitlines()
    assert lines[0].startswith("The artificial neuron: 10 steps, objective from 0.1101 to ")
    assert [line.split()[0] for line in lines[3:-1]] == list(run_of("neuron").compared)
    assert lines[-1] == "All 4 manual gradients agree with the automatic ones."


def test_the_same_seed_gives_the_same_parameters():
    assert np.array_equal(start_of(LESSONS["xor"], 3)["W1"], start_of(LESSONS["xor"], 3)["W1"])
    assert not np.array_equal(start_of(LESSONS["xor"], 3)["W1"], start_of(LESSONS["xor"], 4)["W1"])


@pytest.mark.parametrize("steps", [0, 1, 7, KEPT, KEPT + 1, 2 * KEPT + 1])
def test_of_a_long_training_some_steps_are_kept_and_the_last(steps):
    numbers = [step.number for step in train(adjusted(LESSONS["linear-regression"], steps=steps), seed=0)]
    assert numbers[0] == 0
    assert numbers[-1] == steps
    assert numbers == sorted(set(numbers))
    assert len(numbers) <= 2 * KEPT + 1


def test_a_training_that_diverges_says_when_and_what_to_do():
    lesson = adjusted(LESSONS["linear-regression"], rate=25.0)
    with pytest.raises(ArgumentError) as caught:
        train(lesson, seed=0)
    assert str(caught.value) == (
        "the training of linear-regression diverged: at step 106 its numbers are no longer finite; "
        "use a rate smaller than 25."
    )


def test_a_training_without_a_rate_refuses_one():
    with pytest.raises(
        ArgumentError, match=r"^batman-lbfgs takes no rate: its training chooses its steps itself\.\n"
    ):
        adjusted(LESSONS["batman-lbfgs"], rate=1.0)


def test_the_recorded_objective_has_its_gradients():
    lesson = LESSONS["neuron"]
    params = start_of(lesson, 0)
    loss = recorded(lesson, params)
    assert loss.grad == 1
    assert loss.data == lesson.objective(params)
