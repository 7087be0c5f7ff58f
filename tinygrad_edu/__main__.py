"""``python -m tinygrad_edu`` is the command ``tinygrad-edu``."""

import sys

from tinygrad_edu.cli import main

sys.exit(main())
