"""status."""

from __future__ import annotations

import json


def test_before_the_first_run(cli, world):
    world.add("warehouse", "ann")
    result = cli("status")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "synchronizer customers: warehouse, sheet",
        "type customer: 0 records, 0 unsettled; warehouse 0, sheet 0",
        "type contact: 0 records, 0 unsettled; warehouse 0, sheet 0",
        "conflicts: 0",
        "failing: 0",
        "last run: never",
    ]


def test_after_a_run_with_conflicts(cli, disputed):
    result = cli("status", "customers")
    assert result.exit_code == 3
    lines = result.stdout.splitlines()
    assert lines[1] == "type customer: 3 records, 2 unsettled; warehouse 3, sheet 3"
    assert lines[3] == "conflicts: 2; to see them: b3j0f-sync conflicts customers"
    assert lines[5].startswith("last run: number 2, ")
    assert lines[5].endswith(": applied 0, skipped 0, failed 0, conflicts 2")


def test_json(cli, disputed):
    disputed.write(
        synchronizer="[customers]\nstores = warehouse, sheet\nledger = customers.ledger\n"
        "sheet.mode = read\n"
    )
    result = cli("status", "--json")
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert document["links"] == {"warehouse": "both", "sheet": "read"}
    assert document["types"]["customer"]["stores"] == {"warehouse": 3, "sheet": 3}
    assert document["last_run"]["number"] == 2
    assert document["last_run"]["ended"] >= document["last_run"]["started"]


def test_no_store_is_asked(cli, in_step):
    (in_step.etc / "warehouse.db").write_text("this is no database")
    assert cli("status").exit_code == 0
