import itertools

import pytest
from drawing.pictures import difficult, network, square

from tinygrad_edu.drawing.picture import Card, Edge, Group, Picture
from tinygrad_edu.errors import DrawingError

A, B = Card("a", "a", "parameter"), Card("b", "b", "operation")


@pytest.mark.parametrize(
    ("cards", "edges", "groups", "message"),
    [
        ((A, A), (), (), "The key 'a' stands for two cards."),
        (
            (Card("a b", "", "data"),),
            (),
            (),
            "'a b' cannot be the key of a card: use letters, digits and - _ . #",
        ),
        ((A,), (Edge("a", "b"),), (), "An edge names the unknown card 'b'."),
        ((A, B), (Edge("b", "a"),), (), "The edge from 'b' to 'a' runs backwards."),
        ((Card("a", "a", "data", group="g"),), (), (), "The card 'a' is in the unknown group 'g'."),
        ((A,), (), (Group("g", "g", parent="h"),), "The group 'g' needs 'h' around it to come first."),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_not_made(cards, edges, groups, message):
    with pytest.raises(DrawingError) as caught:
        Picture("title", cards, edges, groups)
    assert str(caught.value) == message


def test_the_spine_is_the_path_of_activations():
    spine = {(edge.source, edge.target) for edge in network().spine}
    path = ["X", "z1", "a1", "h", "z2", "p", "e", "s", "m", "L"]
    assert spine == set(itertools.pairwise(path))


def test_the_spine_takes_one_edge_of_two_and_follows_the_gradient():
    assert [edge.argument for edge in square().spine] == [0]
    assert ("m", "q") not in {(edge.source, edge.target) for edge in difficult().spine}


def test_a_picture_may_be_empty():
    assert Picture("nothing", ()).spine == frozenset()
