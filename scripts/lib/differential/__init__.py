"""Differential testing: the same random statements under row-level security and through pgward.

Row-level security is the oracle: one database has it (built by `pgward ddl`), the other has none and pgward stands
before it in mode predicate. Rows, command tags, errors and the final contents of every table must be the same.
Everything follows from a seed, which is printed.
"""
