"""Releases before and after a fix, replayed: the one is called wrong and the other is not."""
