"""Golden vectors: cases chosen to kill mistakes, certified values, canonical files."""
