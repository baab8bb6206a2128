"""Writes mutations.json: each formula's changes, what noticed them, and what did not.

`python -m proofs.table` makes it anew, `python -m proofs.table NAME...` for these formulas alone.
"""

import json
import platform
import sys
import warnings
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from refdiff.catalogue import formulas

from .kills import altering, equivalent, failed_proof, fails_its_statement
from .mutations import mutants

TARGET = Path(__file__).parent / "mutations.json"
EQUIVALENT = (
    "the same function: every enclosure of the change's values meets that of the shipping body's, on the documented domain"
)


def row(name: str) -> dict[str, Any]:
    """One formula's figures."""
    changed = altering(name)
    proved = [mutant for mutant in changed if failed_proof(mutant)]
    stated = [mutant for mutant in changed if fails_its_statement(mutant)]
    return {
        "changes": len(mutants(name)),
        "altering": len(changed),
        "killed_by_a_proof": len(proved),
        "killed_by_the_statement": len(stated),
        "survived": [mutant.line for mutant in changed if mutant not in proved and mutant not in stated],
        "survived_the_proofs": [mutant.line for mutant in changed if mutant not in proved],
        "equivalent": [mutant.line for mutant in equivalent(name)],
    }


def main() -> None:
    """Runs every change against every proof of its formula: minutes; two processes share the work."""
    warnings.simplefilter("ignore")
    wanted = sys.argv[1:] or list(formulas())
    before = json.loads(TARGET.read_text(encoding="utf-8"))["formulas"] if sys.argv[1:] else {}
    rows = {name: found for name, found in before.items() if name in formulas()}
    with Pool(2) as pool:
        rows |= dict(zip(wanted, pool.imap(row, wanted), strict=True))
    rows = {name: rows[name] for name in formulas() if name in rows}
    for name in wanted:
        print(f"{name}: {rows[name]['killed_by_a_proof']} of {rows[name]['altering']} by proof", flush=True)
    sums = ("changes", "altering", "killed_by_a_proof", "killed_by_the_statement")
    lists = ("survived", "survived_the_proofs", "equivalent")
    total = {key: sum(row[key] for row in rows.values()) for key in sums}
    total |= {key: sum(len(row[key]) for row in rows.values()) for key in lists}
    made = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "sympy", "python-flint")},
    }
    document = {"made": made, "why_equivalent": EQUIVALENT, "total": total, "formulas": rows}
    TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(total)


if __name__ == "__main__":
    main()
