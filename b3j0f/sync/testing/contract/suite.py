"""StoreContract: all the promises together."""

from __future__ import annotations

from .adding import AddingContract
from .bulk import BulkContract
from .changes import ChangesContract
from .connecting import ConnectingContract
from .events import EventsContract
from .failing import FailingContract
from .finding import FindingContract
from .histories import HistoriesContract
from .lasting import LastingContract
from .reading import ReadingContract
from .records import RecordsContract
from .removing import RemovingContract
from .sets import SetsContract
from .updating import UpdatingContract
from .values import ValuesContract

__all__ = ["StoreContract"]


class StoreContract(
    ReadingContract,
    FindingContract,
    AddingContract,
    UpdatingContract,
    RemovingContract,
    BulkContract,
    EventsContract,
    SetsContract,
    RecordsContract,
    ValuesContract,
    LastingContract,
    ChangesContract,
    ConnectingContract,
    FailingContract,
    HistoriesContract,
):
    """Every promise of Accessor and Store; subclass it and write the fixture ``store``."""
