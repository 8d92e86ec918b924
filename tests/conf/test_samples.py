"""The sample files: what they say, and putting them into place."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

import b3j0f.sync.conf.installing as module
from b3j0f.sync import conf as configuration
from b3j0f.sync.conf.files import KINDS, file_name
from b3j0f.sync.conf.installing import install_samples, sample
from b3j0f.sync.errors import ConfigError
from b3j0f.sync.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("B3J0F_CONF_DIR", raising=False)
    return tmp_path


def test_the_packaged_samples_are_those_of_the_repository():
    packaged = {
        file.name: file.read_text() for file in (Path(module.__file__).parent / "samples").iterdir()
    }
    assert packaged == {file.name: file.read_text() for file in (ROOT / "etc").iterdir()}
    assert packaged == {file_name(kind): sample(kind) for kind in KINDS}


def test_samples_go_where_the_configuration_is_read_from(home, monkeypatch):
    made = install_samples()
    assert made == [(home / "etc" / file_name(kind), "made") for kind in KINDS]
    assert stat.S_IMODE((home / "etc").stat().st_mode) == 0o700
    for kind, (file, _) in zip(KINDS, made, strict=True):
        assert file.read_text() == sample(kind)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    monkeypatch.setenv("B3J0F_CONF_DIR", str(home / "a" / "b"))
    assert install_samples()[0] == (home / "a" / "b" / file_name("data"), "made")


@pytest.mark.parametrize(
    "name", ["b3j0fsync-store.conf", "b3j0fsync-store.json", "b3j0fsync-store.xml"]
)
def test_a_users_file_is_kept(tmp_path, name):
    mine = tmp_path / name
    mine.write_text("mine")
    outcomes = dict(install_samples(tmp_path))
    assert outcomes[mine] == "kept"
    assert list(outcomes.values()) == ["made", "kept", "made"]
    assert mine.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 3
    assert [what for _, what in install_samples(tmp_path)] == ["kept"] * 3


def test_a_link_that_leads_nowhere_is_kept(tmp_path):
    link = tmp_path / "b3j0fsync-data.conf"
    link.symlink_to(tmp_path / "nowhere")
    assert install_samples(tmp_path)[0] == (link, "kept")
    assert not (tmp_path / "nowhere").exists()


def test_a_directory_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="expected a directory"):
        install_samples(tmp_path / "file")
    with pytest.raises(ConfigError, match="expected a directory"):
        install_samples(tmp_path / "file" / "below")


def test_the_samples_work_as_they_are(home):
    install_samples()
    assert configuration.check() == []
    (home / "customers.csv").write_text("name,email,credit\nann,ann@x,5\n")
    with configuration.load_synchronizer() as synchronizer:
        assert synchronizer.run().ok
        warehouse = synchronizer.stores["warehouse"]
        (customer,) = synchronizer.types
        assert warehouse.get_by_name(customer, "ann").credit == 5
        warehouse.add(customer(name="bob", email="bob@x"))
        assert "bob" in (home / "customers.csv").read_text()
        assert synchronizer.plan().is_empty
    assert configuration.check(connect=True) == []
    assert len(Store.load("sheet")) == 2
    made = {str(file.relative_to(home)) for file in home.rglob("*") if file.is_file()}
    assert {"customers.csv", "warehouse.db", "state/b3j0f-sync/customers.db"} < made


def test_what_the_samples_show_in_comments_is_right_as_well(home):
    """Every option that a comment shows, but for what would need another system."""
    install_samples()
    for kind in KINDS:
        file = home / "etc" / file_name(kind)
        file.write_text(
            re.sub(r"^;   (?=\[?[\w.]+(\]| = ))", "", file.read_text(), flags=re.MULTILINE)
        )
    text = (home / "etc" / file_name("store")).read_text()
    shown = dict.fromkeys(re.findall(r"^([\w.]+) = ", text, re.MULTILINE))
    assert {"customer.table", "customer.columns", "columns", "format", "timeout"} <= shown.keys()
    text = text.replace("password = =file:~/.crm-password   the text of a file\n", "")
    text = re.sub(r"^(password|url|timeout) = =.* (the|what|a) .*\n", "", text, flags=re.MULTILINE)
    text = text.replace("format = yaml", "format = csv").replace(
        "password = =env", "; password = =env"
    )
    text = text.replace("path = ~/customers.csv", "path = ~/customers")
    (home / "etc" / file_name("store")).write_text(text)
    data = (home / "etc" / file_name("data")).read_text()
    assert {"vip", "since", "state", "tags", "owner", "phone"} <= set(
        re.findall(r"^(\w+) = ", data, re.MULTILINE)
    )
    data = data.replace("crm.types.Account", "conf_classes.Ticket")
    (home / "etc" / file_name("data")).write_text(data)
    assert configuration.check() == []
    assert set(configuration.load_types()) == {"customer", "contact", "account"}
