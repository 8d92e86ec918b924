"""Metadata of b3j0f.sync; pyproject.toml holds the build backend and the tools' settings."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

VERSION = re.search(
    r'^__version__ = "(.+)"$',
    (HERE / "b3j0f" / "sync" / "version.py").read_text(encoding="utf-8"),
    re.MULTILINE,
).group(1)

EXTRAS = {
    "postgresql": ["psycopg[binary]>=3.2"],
    "mariadb": ["pymysql>=1.1"],
    "redis": ["redis>=5.1"],
}

TOOLS = {
    "test": [
        *EXTRAS["postgresql"],  # the ledger is tested there, where a server answers
        *EXTRAS["mariadb"],
        *EXTRAS["redis"],
        "coverage[toml]>=7.6",
        "hypothesis>=6.112",
        "pytest>=8.3",
        "pytest-xdist>=3.6",
    ],
    "lint": ["ruff>=0.8"],
    "types": ["mypy>=1.13"],
    "docs": ["sphinx>=8.1,<9", "furo>=2024.8.6"],
    "bench": ["diffsync>=2.2,<3"],
}

setup(
    name="b3j0f.sync",
    version=VERSION,
    description="Keeps the same records in step across any number of systems.",
    long_description=(HERE / "README.rst").read_text(encoding="utf-8"),
    long_description_content_type="text/x-rst",
    author="b3j0f",
    url="https://github.com/b3j0f/sync",
    license="MIT",
    packages=find_packages(include=["b3j0f", "b3j0f.*"]),
    # A plain path entry for editable installs: only so the namespace package finds
    # the parts of other distributions beside ours.
    package_dir={"": "."},
    package_data={"b3j0f.sync": ["py.typed"], "b3j0f.sync.conf": ["samples/*"]},
    python_requires=">=3.11",
    install_requires=[
        "b3j0f.conf==0.3.22",  # the bridge is proven for this one, its last release
        "click>=8.1",
        "merge3>=0.0.14",
        "msgspec>=0.19",
        "platformdirs>=4.2",
        "rich>=13.7",
        "ruamel.yaml>=0.18",
        "SQLAlchemy>=2.0.30",
        "tenacity>=9.0",
    ],
    extras_require={
        **EXTRAS,
        "all": sorted({need for needs in EXTRAS.values() for need in needs}),
        **TOOLS,
        "testing": ["pytest>=8.3", "hypothesis>=6.112"],
        "dev": sorted({need for name, needs in TOOLS.items() if name != "bench" for need in needs}),
    },
    entry_points={
        "console_scripts": ["b3j0f-sync = b3j0f.sync.cli:main"],
        "b3j0f.sync.stores": [
            "memory = b3j0f.sync.stores.memory:MemoryStore",
            "sql = b3j0f.sync.stores.sql:SQLStore",
            "files = b3j0f.sync.stores.files:FileStore",
            "redis = b3j0f.sync.stores.redis:RedisStore",
        ],
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Operating System :: POSIX",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Database",
        "Topic :: Software Development :: Libraries",
        "Typing :: Typed",
    ],
    keywords="synchronization replication reconciliation two-way merge conflict ledger",
)
