"""Which mistake makes a manual gradient wrong: each kind of a catalogue recomputed from the graph."""

from tinygrad_edu.diagnosis.finding import Finding as Finding
from tinygrad_edu.diagnosis.text import Text as Text
from tinygrad_edu.diagnosis.code import code as code
from tinygrad_edu.diagnosis.scene import Scene as Scene
from tinygrad_edu.diagnosis.words import Words as Words
from tinygrad_edu.diagnosis.slopes import known_slope as known_slope
from tinygrad_edu.diagnosis.constants import readings as readings
from tinygrad_edu.diagnosis.differences import differences as differences
from tinygrad_edu.diagnosis.loss_terms import is_penalty as is_penalty
from tinygrad_edu.diagnosis.hypotheses import Hypothesis as Hypothesis
from tinygrad_edu.diagnosis.corrections import correction as correction
from tinygrad_edu.diagnosis.factors import missing_derivative as missing_derivative
from tinygrad_edu.diagnosis.fused import missing_factor as missing_factor
from tinygrad_edu.diagnosis.chains import written_out as written_out
from tinygrad_edu.diagnosis.operands import operand as operand
from tinygrad_edu.diagnosis.rows import transposed as transposed
from tinygrad_edu.diagnosis.paths import lost_statistics as lost_statistics
from tinygrad_edu.diagnosis.scaled import scaled_places as scaled_places
from tinygrad_edu.diagnosis.contributions import scaled_paths as scaled_paths
from tinygrad_edu.diagnosis.losses import wrong_loss as wrong_loss
from tinygrad_edu.diagnosis.updates import stale_parameters as stale_parameters
from tinygrad_edu.diagnosis.catalogue import KINDS as KINDS
from tinygrad_edu.diagnosis.search import Search as Search
from tinygrad_edu.diagnosis.cover import explanations as explanations
from tinygrad_edu.diagnosis.diagnose import diagnose as diagnose
