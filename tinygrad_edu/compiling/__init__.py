"""Programs that run as fast as by hand: from a function to generated code, once for each signature."""

from tinygrad_edu.compiling.target import Built as Built
from tinygrad_edu.compiling.target import Target as Target
