"""Nested dicts, lists and tuples of arrays, taken apart into a list of leaves and put together again."""

import copy
from collections.abc import Callable, Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """The leaves of `tree`, in a fixed order; ``None`` is an empty tree.

    >>> leaves({"a": 1, "b": [2, (3, 4)]})
    [1, 2, 3, 4]
    """
    return [leaf for _, leaf in paths(tree)]


def paths(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each leaf of `tree` behind the keys that lead to it.

    >>> list(paths({"a": 1, "b": [2]}))
    [(('a',), 1), (('b', 0), 2)]
    """
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from paths(branch, (*path, key))
    elif isinstance(tree, (list, tuple)):
        for index, branch in enumerate(tree):
            yield from paths(branch, (*path, index))
    elif tree is not None:
        yield path, tree


def rebuild(tree: Any, new_leaves: list[Any]) -> Any:
    """A tree of the structure of `tree` that holds `new_leaves` (as many as `tree` has).

    >>> rebuild({"a": 1, "b": [2, 3]}, [10, 20, 30])
    {'a': 10, 'b': [20, 30]}
    """
    remaining = iter(new_leaves)
    return transform(lambda _: next(remaining), tree)


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """`function` applied to every leaf; named tuples and plain containers keep their type."""
    if isinstance(tree, dict):
        changed = copy.copy(tree)  # a dict of any class, with what that class keeps beside the items
        changed.update({key: transform(function, branch) for key, branch in tree.items()})
        return changed
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(transform(function, branch) for branch in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(transform(function, branch) for branch in tree)
    return None if tree is None else function(tree)
