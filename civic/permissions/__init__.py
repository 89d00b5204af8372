"""One table of permissions: which role may open which address, in which states of the thing. ``flask permissions`` prints it.

Cells are computed from the predicates and tables of transitions that the product itself asks; a test makes a request for each.
"""
