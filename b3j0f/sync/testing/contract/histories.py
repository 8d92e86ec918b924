"""Random histories: whatever is done in whatever order, the store does as a dictionary would."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ...accessor import Capability
from .base import Contract, needs
from .machine import StoreMachine

if TYPE_CHECKING:
    from ...store import Store

EXAMPLES_VARIABLE = "B3J0F_SYNC_EXAMPLES"
"""How many times as many histories as by default; for a night's run."""


class HistoriesContract(Contract):
    """The promises together, in random order.

    Attributes:
        histories: How many histories are tried; B3J0F_SYNC_EXAMPLES multiplies it.
        steps: Of how many steps at most.
    """

    histories: ClassVar[int] = 20
    steps: ClassVar[int] = 25

    @needs(Capability.ADD | Capability.REMOVE)
    def test_random_histories(self, store: Store) -> None:
        """After any history of writes a store holds, finds and has told what a model does."""
        run_state_machine_as_test(
            cast("type[StoreMachine]", partial(StoreMachine, self, store)),  # is called, no more
            settings=settings(
                max_examples=max(1, round(self.histories * _times())),
                stateful_step_count=self.steps,
                deadline=None,
                print_blob=True,
                # Explaining takes minutes and says little of a store; one failure is enough.
                phases=[phase for phase in settings().phases if phase is not Phase.explain],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )


def _times() -> float:
    return float(os.environ.get(EXAMPLES_VARIABLE) or 1)
