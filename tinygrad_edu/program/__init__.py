"""Recorded graphs as programs and formulas: names for what is in them, listings, rewriting, mathematics."""

from tinygrad_edu.program.notation import pretty_name as pretty_name
from tinygrad_edu.program.literals import number_text as number_text
from tinygrad_edu.program.labels import Labels as Labels
from tinygrad_edu.program.labels import labels_of as labels_of
from tinygrad_edu.program.forms import FORMS as FORMS
from tinygrad_edu.program.text import expression as expression
from tinygrad_edu.program.text import title as title
from tinygrad_edu.program.backward import INCOMING as INCOMING
from tinygrad_edu.program.backward import backward_label as backward_label
from tinygrad_edu.program.entries import Constant as Constant
from tinygrad_edu.program.entries import Input as Input
from tinygrad_edu.program.entries import Operation as Operation
from tinygrad_edu.program.factors import product_of as product_of
from tinygrad_edu.program.syntaxes import Spelling as Spelling
from tinygrad_edu.program.printing import Printer as Printer
from tinygrad_edu.program.python import Code as Code
from tinygrad_edu.program.listing import listing as listing
from tinygrad_edu.program.listing import variables as variables
from tinygrad_edu.program.programs import Program as Program
from tinygrad_edu.program.tracing import trace as trace
