"""What tests of components stand on: the standard suite, a vendor that answers from the schemas, and time to move.

It needs pytest and responses, as the extra ``[testing]`` installs them.
"""

from ..extras import require_extra

require_extra("testing")

import pytest  # noqa: E402 - what is missing is told first

pytest.register_assert_rewrite(f"{__name__}.suite")

from .clock import FakeClock  # noqa: E402 - the line above has to come first
from .suite import ComponentSuite  # noqa: E402
from .vendor import SentRequest  # noqa: E402

__all__ = ["ComponentSuite", "FakeClock", "SentRequest"]
