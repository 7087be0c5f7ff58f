"""Programs that run as fast as by hand: from a function to generated code, once for each signature."""

from tinygrad_edu.compiling.target import Built as Built
from tinygrad_edu.compiling.target import Target as Target
from tinygrad_edu.compiling.exact import exactly_simplified as exactly_simplified
from tinygrad_edu.compiling.rounding import simplified_for_speed as simplified_for_speed
from tinygrad_edu.compiling.arranging import arranged as arranged
from tinygrad_edu.compiling.following import follow as follow
from tinygrad_edu.compiling.agreement import check_equal as check_equal
from tinygrad_edu.compiling.calling import Calling as Calling
from tinygrad_edu.compiling.memory import last_uses as last_uses
from tinygrad_edu.compiling.inlining import written_out as written_out
from tinygrad_edu.compiling.gathering import gathered as gathered
from tinygrad_edu.compiling.sharing import aliases as aliases
from tinygrad_edu.compiling.together import side_by_side as side_by_side
from tinygrad_edu.compiling.naming import names_in as names_in
from tinygrad_edu.compiling.writing import Writer as Writer
from tinygrad_edu.compiling.singles import of_numbers as of_numbers
from tinygrad_edu.compiling.rearranging import reshaped as reshaped
from tinygrad_edu.compiling.statements import WRITERS as WRITERS
from tinygrad_edu.compiling.numpy_target import NumpyBuilt as NumpyBuilt
from tinygrad_edu.compiling.c_compiler import compiler as compiler
from tinygrad_edu.compiling.c_words import means_something as means_something
from tinygrad_edu.compiling.c_functions import EXPRESSIONS as EXPRESSIONS
from tinygrad_edu.compiling.c_steps import Steps as Steps
from tinygrad_edu.compiling.c_terms import gathered_sums as gathered_sums
from tinygrad_edu.compiling.c_lowering import Lowered as Lowered
from tinygrad_edu.compiling.c_structure import OPERATORS as OPERATORS
from tinygrad_edu.compiling.c_indexing import positions as positions
from tinygrad_edu.compiling.c_products import SMALL as SMALL
from tinygrad_edu.compiling.c_text import Shared as Shared
from tinygrad_edu.compiling.c_printing import LoopText as LoopText
from tinygrad_edu.compiling.c_source import source_of as source_of
from tinygrad_edu.compiling.c_calling import calling_text as calling_text
from tinygrad_edu.compiling.native import NativeProgram as NativeProgram
from tinygrad_edu.compiling.prepared import Prepared as Prepared
from tinygrad_edu.compiling.compile import Compiled as Compiled
from tinygrad_edu.compiling.compile import compile as compile  # noqa: A004 (the field's word)
