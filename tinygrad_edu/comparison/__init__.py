"""Manual gradients held against automatic ones: which are right, which are wrong, and where it began."""

from tinygrad_edu.comparison.replay import Replay as Replay
from tinygrad_edu.comparison.rounding import Rounding as Rounding
from tinygrad_edu.comparison.absorption import absorbed as absorbed
from tinygrad_edu.comparison.verdicts import judge as judge
from tinygrad_edu.diagnosis import Finding as Finding
from tinygrad_edu.comparison.foreign import inputs_of as inputs_of
from tinygrad_edu.comparison.telling import findings_as_html as findings_as_html
from tinygrad_edu.comparison.telling import told as told
from tinygrad_edu.comparison.telling import wrapped as wrapped
from tinygrad_edu.comparison.matching import stated_gradients as stated_gradients
from tinygrad_edu.comparison.probes import Probe as Probe
from tinygrad_edu.comparison.row import Row as Row
from tinygrad_edu.comparison.result import Comparison as Comparison
from tinygrad_edu.comparison.rows import comparison_of as comparison_of
from tinygrad_edu.comparison.compare import compare as compare
