"""Checks an implementation against the vectors: cases, judge, diagnosis, report."""
