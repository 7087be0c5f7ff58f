"""Recorded graphs as formulas: names for what is in them, and operations and rules in words and signs."""

from tinygrad_edu.program.notation import pretty_name as pretty_name
from tinygrad_edu.program.literals import number_text as number_text
from tinygrad_edu.program.labels import Labels as Labels
from tinygrad_edu.program.labels import labels_of as labels_of
from tinygrad_edu.program.forms import FORMS as FORMS
from tinygrad_edu.program.text import expression as expression
from tinygrad_edu.program.text import title as title
from tinygrad_edu.program.backward import INCOMING as INCOMING
from tinygrad_edu.program.backward import backward_label as backward_label
