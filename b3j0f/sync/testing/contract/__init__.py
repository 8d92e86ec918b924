"""The promises of Accessor and Store, one test each; a module for each subject."""

from .suite import StoreContract

__all__ = ["StoreContract"]
