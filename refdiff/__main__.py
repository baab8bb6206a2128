"""`python -m refdiff` is the `refdiff` command."""

from refdiff.cli import main

main()
