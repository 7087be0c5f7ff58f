"""Nested structures: taking them apart and putting them together are inverse to each other."""

from collections import OrderedDict, defaultdict
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu import trees


class Pair(NamedTuple):
    first: Any
    second: Any


structures = st.recursive(
    st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from("abc") | st.integers(0, 2), inner, max_size=3)
        | st.tuples(inner, inner).map(lambda pair: Pair(*pair))
    ),
    max_leaves=8,
)


@given(structures)
def test_a_tree_is_rebuilt_from_its_leaves(tree):
    assert trees.rebuild(tree, trees.leaves(tree)) == tree
    assert trees.transform(lambda leaf: leaf, tree) == tree


@given(structures)
def test_the_keys_lead_to_the_leaves(tree):
    for path, leaf in trees.paths(tree):
        branch = tree
        for key in path:
            branch = branch[key]
        assert branch is leaf


@given(structures)
def test_leaves_are_transformed_in_their_order(tree):
    seen = []
    doubled = trees.transform(lambda leaf: seen.append(leaf) or 2 * leaf, tree)
    assert seen == trees.leaves(tree)
    assert trees.leaves(doubled) == [2 * leaf for leaf in seen]


@pytest.mark.parametrize(
    "tree",
    [
        Pair(1, [2]),
        OrderedDict(b=1, a=2),
        defaultdict(list, a=1),
        {"b": 1, "a": (2, None)},
        [],
        (),
        {},
        None,
        5,
    ],
)
def test_containers_keep_their_type_and_order(tree):
    copy = trees.transform(lambda leaf: leaf, tree)
    assert copy == tree
    assert type(copy) is type(tree)
    assert not isinstance(tree, dict) or list(copy) == list(tree)
