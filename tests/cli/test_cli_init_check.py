"""init and check."""

from __future__ import annotations

import json

import pytest

FILES = ["b3j0fsync-data.conf", "b3j0fsync-store.conf", "b3j0fsync-synchronizer.conf"]


def test_init_makes_the_samples_and_tells_what_to_do_next(cli, place):
    result = cli("init")
    assert result.exit_code == 0
    etc = place / "etc"
    assert result.stdout.splitlines()[:3] == [f"made {etc / name}" for name in FILES]
    for step in ("check", "plan", "run"):
        assert f"b3j0f-sync {step}" in result.stdout
    assert cli("check").exit_code == 0


def test_init_makes_the_directory_in_the_home_of_the_user(cli, place, monkeypatch):
    monkeypatch.delenv("B3J0F_CONF_DIR")
    assert cli("init").exit_code == 0
    assert sorted(file.name for file in (place / "home" / "etc").iterdir()) == FILES


def test_init_keeps_the_files_of_a_user(cli, world):
    file = world.etc / "b3j0fsync-store.conf"
    before = file.read_text()
    (world.etc / "b3j0fsync-data.conf").unlink()
    result = cli("init", "--json")
    assert result.exit_code == 0
    assert [each["outcome"] for each in json.loads(result.stdout)["files"]] == [
        *("made", "kept", "kept")
    ]
    assert file.read_text() == before
    again = cli("init")
    assert again.exit_code == 0
    assert "Nothing to do" in again.stdout


def test_init_tells_in_one_line_where_it_cannot(cli, place, monkeypatch):
    (place / "file").write_text("")
    monkeypatch.setenv("B3J0F_CONF_DIR", str(place / "file" / "etc"))
    result = cli("init")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_check_tells_what_is_configured(cli, world):
    result = cli("check")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "type customer: email, credit, tags, rank" in lines
    assert "type contact in customer: phone" in lines
    assert "store warehouse: SQLStore of customer, contact" in lines
    assert f"synchronizer customers: warehouse, sheet; ledger {world.etc}/customers.ledger" in lines
    assert not (world.etc / "warehouse.db").exists()


def test_check_as_json(cli, world):
    document = json.loads(cli("check", "--json").stdout)
    assert document["ok"] is True
    assert document["synchronizers"]["customers"]["stores"] == {
        "warehouse": "both",
        "sheet": "both",
    }
    assert document["types"]["contact"] == {"parent": "customer", "fields": ["phone"]}


def test_check_tells_every_mistake_at_once(cli, world):
    world.write(
        data="[customer]\nemail = strr\n",
        store="[sheet]\nclass = files\ntypes = customer\npath = x\nfromat = yaml\n",
        synchronizer="[customers]\nstores = sheet, warehous\nmax_removals = 3\n",
    )
    result = cli("check")
    assert result.exit_code == 1
    *mistakes, total = result.stdout.splitlines()
    assert total == f"{len(mistakes)} mistakes"
    for option in ("email", "fromat", "stores", "max_removals"):
        assert [line for line in mistakes if f"] {option}: " in line], option
    document = json.loads(cli("check", "--json").stdout)
    assert document["ok"] is False
    assert len(document["mistakes"]) == len(mistakes)
    first = document["mistakes"][0]
    assert (first["section"], first["option"]) == ("customer", "email")
    assert first["file"] == str(world.etc / "b3j0fsync-data.conf")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_check_tells_no_secret(cli, world, monkeypatch, words):
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    store = (
        "[warehouse]\nclass = sql\ntypes = customer\nurl = {}\npassword = =env:DB_PASSWORD\n"
        "[sheet]\nclass = files\ntypes = customer\npath = sheet\n"
    )
    ledger = "[customers]\nstores = warehouse, sheet\nledger = postgresql://u:hunter2@db/x\n"
    for url in ("sqlite:///x.db", "nonsense hunter2"):
        world.write(store=store.format(url), synchronizer=ledger)
        result = cli("check", *words)
        assert "hunter2" not in result.stdout + result.stderr
        assert "warehouse" in result.stdout


def test_check_connects_when_it_is_asked_to(cli, world):
    store = "[warehouse]\nclass = sql\ntypes = customer\nurl = sqlite:///missing/x.db\n"
    world.write(store=store + "[sheet]\nclass = files\ntypes = customer\npath = sheet\n")
    assert cli("check").exit_code == 0
    result = cli("check", "--connect")
    assert result.exit_code == 1
    assert "[warehouse]" in result.stdout.splitlines()[0]
    (world.etc / "missing").mkdir()
    assert cli("check", "--connect").exit_code == 0
