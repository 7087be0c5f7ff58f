"""Programs that run as fast as by hand: from a function to generated code, once for each signature."""

from tinygrad_edu.compiling.target import Built as Built
from tinygrad_edu.compiling.target import Target as Target
from tinygrad_edu.compiling.c_compiler import compiler as compiler
from tinygrad_edu.compiling.c_functions import EXPRESSIONS as EXPRESSIONS
from tinygrad_edu.compiling.c_steps import Steps as Steps
from tinygrad_edu.compiling.c_lowering import Lowered as Lowered
from tinygrad_edu.compiling.c_structure import lowers as lowers
from tinygrad_edu.compiling.c_products import SMALL as SMALL
from tinygrad_edu.compiling.c_printing import LoopText as LoopText
from tinygrad_edu.compiling.c_source import source_of as source_of
from tinygrad_edu.compiling.c_calling import calling_text as calling_text
from tinygrad_edu.compiling.native import NativeProgram as NativeProgram
