"""How fast the product is, and whether it stays so: see ``docs/speed.md``."""
