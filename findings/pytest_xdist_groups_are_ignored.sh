#!/bin/sh
# pytest-xdist 3.8.0 with pytest 9.2.0: --dist loadgroup does not keep tests with the same mark xdist_group in one process.
# xdist writes the group behind the name of each test, into an attribute that this pytest does not read any more, so
# the scheduler sees names without groups. Nothing is said. What is set up once for a module is set up in each process.
#
# Expected: the eight tests of one group run in one process.
# Seen: they run in two, and their names are reported without "@one".
#
# Exits with 0 while this is so, with 1 if it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 pytest-xdist==3.8.0
cat > "$folder/test_groups.py" <<'PYTHON'
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_of_one_group(number):
    time.sleep(0.3)
PYTHON
cd "$folder"
"$folder/venv/bin/python" -m pytest -v -n 2 --dist loadgroup -p no:cacheprovider test_groups.py > report.txt 2>&1
grep -E "PASSED" report.txt
processes=$(grep -oE "\[gw[01]\].*PASSED" report.txt | cut -c1-5 | sort -u | wc -l)
named=$(grep -c "PASSED.*@one" report.txt || true)
echo "processes: $processes; names with a group: $named"
[ "$processes" -eq 2 ] && [ "$named" -eq 0 ]
