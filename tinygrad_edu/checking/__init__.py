"""Instruments for doubts: whether a gradient is right, and where the first nan comes from."""

from tinygrad_edu.checking.differences import slope as slope
from tinygrad_edu.checking.probes import Probe as Probe
from tinygrad_edu.checking.report import GradientReport as GradientReport
from tinygrad_edu.checking.report import GradientRow as GradientRow
from tinygrad_edu.checking.verdicts import judge as judge
from tinygrad_edu.checking.checks import Check as Check
from tinygrad_edu.checking.gradients import check_gradients as check_gradients
from tinygrad_edu.checking.causes import Cause as Cause
from tinygrad_edu.checking.unstable import stable_form as stable_form
from tinygrad_edu.checking.findings import NonFinite as NonFinite
from tinygrad_edu.checking.nonfinite import find_nonfinite as find_nonfinite
