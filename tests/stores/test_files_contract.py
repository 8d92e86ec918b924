"""FileStore keeps the contract, in each of its formats."""

from contextlib import contextmanager
from typing import ClassVar

import pytest

from b3j0f.sync import Ref
from b3j0f.sync.stores.files import FileStore
from b3j0f.sync.testing import Folder, Note, StoreContract


class FileContract(StoreContract):
    """What the formats have in common: a folder that the tests spoil and take away."""

    reuses_ids = True  # they are made of names, or of what people write
    options: ClassVar[dict] = {}

    @pytest.fixture
    def store(self, tmp_path):
        return FileStore(tmp_path / "records", [Folder, Note], **self.options)

    def reopen(self, store):
        return FileStore(store.path, [Folder, Note], name="other", **self.options)

    @contextmanager
    def broken(self, store):
        hidden = store.path.with_name("away")
        store.path.rename(hidden)
        store.path.write_text("a file where a folder was")
        yield
        store.path.unlink()
        hidden.rename(store.path)


class DocumentContract(FileContract):
    def spoil(self, store, data):
        folder = store.path / type(data).__name__
        (folder / f"{data.id}.{store.format}").write_text("[this, is, no, record]")
        return True


class TestYamlFiles(DocumentContract):
    options: ClassVar[dict] = {"format": "yaml"}


class TestJsonFiles(DocumentContract):
    options: ClassVar[dict] = {"format": "json"}


class TableContract(FileContract):
    def normalised(self, data):
        if isinstance(data, Folder):
            return data
        # An empty cell is all that there can be for nothing, and for what is empty.
        folder = None if data.folder == Ref("") else data.folder
        return data.replace(remark=data.remark or None, folder=folder)

    def takes(self, datatype, field, value):
        return not (datatype is Folder and field == "context" and value)

    def spoil(self, store, data):
        path = store.path / f"{type(data).__name__}.csv"
        lines = path.read_text().splitlines(keepends=True)
        at = next(n for n, line in enumerate(lines) if data.name in line)
        lines[at] = lines[at].rstrip("\n") + ",too,many,cells\n"
        path.write_text("".join(lines))
        return True


class TestCsvFiles(TableContract):
    options: ClassVar[dict] = {"format": "csv"}


class TestCsvFilesWithKeys(TableContract):
    options: ClassVar[dict] = {
        "format": "csv",
        "key": "No",
        "delimiter": ";",
        "per_type": {
            "Folder": {"file": "folders.txt", "columns": {"name": "Folder", "updated": "Changed"}},
            "Note": {"encoding": "utf-16"},
        },
    }

    def spoil(self, store, data):
        return False
