"""Retrying: pauses that grow and are jittered, so that those who failed together part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["asked_again", "until_done"]

T = TypeVar("T")
FIRST, LONGEST = 0.1, 2.0
"""Seconds: the first pause is at most so long, each next one twice as long, up to the last."""


def asked_again(ask: Callable[[], T], retries: int) -> T:
    """What *ask* gives, asked again after a pause when the store did not answer."""
    try:
        return ask()
    except StoreUnavailableError as exc:
        if not retries:
            raise
        failed: list[StoreUnavailableError] = [exc]

    def attempt() -> T:
        if failed:  # the first one was made above: tenacity is imported where something failed
            raise failed.pop()
        return ask()

    from tenacity import retry_if_exception_type

    found: T = _retrying(retries, retry_if_exception_type(StoreUnavailableError))(attempt)
    return found


def until_done(work: Callable[[], bool], retries: int) -> None:
    """After a pause do *work*, and again, as often as *retries*, until it says that it is done."""
    if not retries:
        return
    waited: list[bool] = []

    def attempt() -> bool:
        if not waited:  # what is not done has been tried once
            waited.append(True)
            return False
        return work()

    from tenacity import retry_if_result

    _retrying(retries, retry_if_result(lambda done: not done))(attempt)


def _as_it_is(state: Any) -> Any:
    return state.outcome.result()


def _retrying(retries: int, which: Any) -> Any:
    from tenacity import Retrying, stop_after_attempt, wait_random_exponential

    return Retrying(
        retry=which,
        stop=stop_after_attempt(1 + retries),
        wait=wait_random_exponential(multiplier=FIRST, max=LONGEST),
        retry_error_callback=_as_it_is,
    )
