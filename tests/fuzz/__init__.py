"""Nonsense sent to everything that takes something: `make fuzz`, and a little of it in `make test`."""
