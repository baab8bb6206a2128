"""`python -m tests.releases`: fetches old releases and replays their bugs; exit status 1 where one is not told from its fix."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.releases.replay import Outcome, Replay, ReplayError, replayed
from tests.releases.replays import REPLAYS
from tests.releases.results import write


def main() -> int:
    """Runs the chosen bugs, says what each came to, and writes the table where all were run."""
    parser = argparse.ArgumentParser(prog="python -m tests.releases", description=__doc__)
    parser.add_argument("--bug", action="append", help="only this bug of the bank, such as B030; may be repeated")
    parser.add_argument("--cache", type=Path, help="keep fetched releases in this folder; a temporary one unless given")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md and results.json; only with every bug")
    asked = parser.parse_args()
    chosen = [replay for replay in REPLAYS if not asked.bug or replay.bug in asked.bug]
    if not chosen or (asked.write and len(chosen) < len(REPLAYS)):
        parser.error(f"got --bug {asked.bug}, wanted some of {', '.join(sorted({one.bug for one in REPLAYS}))}, all to --write")
    with tempfile.TemporaryDirectory() as temporary:
        cache = asked.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        outcomes, failed = [], 0
        for replay in chosen:
            try:
                found = replayed(replay, cache.resolve())
            except ReplayError as error:
                print(f"{replay.name}: {error}", flush=True)
                failed += 1
                continue
            outcomes += found
            for outcome in found:
                expected = outcome.verdicts == replay.verdicts
                failed += not expected
                print(line(replay, outcome) + ("" if expected else f", wanted {' -> '.join(replay.verdicts)}"), flush=True)
    if asked.write and not failed:
        write(outcomes)
    print(f"{len(outcomes)} formulas of {len(chosen)} fixes, {failed} not as expected")
    return bool(failed)


def line(replay: Replay, outcome: Outcome) -> str:
    """One formula in words."""
    sides = [f"{side.verdict} ({side.conformant}/{side.cases})" for side in (outcome.before, outcome.after)]
    named = f", {outcome.before.mistake}" if outcome.before.mistake else ""
    return f"{replay.name} -> {replay.after} {outcome.formula}: {' -> '.join(sides)}{named}"


if __name__ == "__main__":
    sys.exit(main())
