"""Namespace shared with the other b3j0f distributions (b3j0f.conf, b3j0f.utils, ...)."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
