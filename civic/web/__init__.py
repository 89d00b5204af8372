"""What every page shares; knows no feature."""
