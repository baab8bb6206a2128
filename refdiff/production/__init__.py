"""The fast versions in PyTorch (same modules, same names as the reference), and the path from real data to samples."""
