"""Pictures of graphs: values flow down one lane, gradients back up the other."""

from tinygrad_edu.drawing.engine import find_engine as find_engine
from tinygrad_edu.drawing.metrics import text_width as text_width
from tinygrad_edu.drawing.numerals import Numerals as Numerals
from tinygrad_edu.drawing.palette import Heat as Heat
from tinygrad_edu.drawing.picture import Card as Card
from tinygrad_edu.drawing.picture import Edge as Edge
from tinygrad_edu.drawing.picture import Group as Group
from tinygrad_edu.drawing.picture import Picture as Picture
from tinygrad_edu.drawing.markup import font as font
from tinygrad_edu.drawing.cards import Look as Look
from tinygrad_edu.drawing.dot import dot_text as dot_text
from tinygrad_edu.drawing.svg import finish as finish
from tinygrad_edu.drawing.story import Story as Story
from tinygrad_edu.drawing.units import unit_marks as unit_marks
from tinygrad_edu.drawing.blocks import Block as Block
from tinygrad_edu.drawing.folding import blocks_of as blocks_of
from tinygrad_edu.drawing.places import scopes_of as scopes_of
from tinygrad_edu.drawing.displays import display as display
from tinygrad_edu.drawing.steps import Steps as Steps
from tinygrad_edu.drawing.page import page as page
from tinygrad_edu.drawing.drawing import Drawing as Drawing
from tinygrad_edu.drawing.sketch import Sketch as Sketch
from tinygrad_edu.drawing.sketch import picture_of as picture_of
from tinygrad_edu.drawing.difference import difference_of as difference_of
from tinygrad_edu.drawing.graph import draw as draw
from tinygrad_edu.drawing.explorer import explain as explain
