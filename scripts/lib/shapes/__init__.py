"""Many statements through pgward's planner, without a server that runs them.

Of PostgreSQL's own regression suite (regress.py), and shaped like what ORMs print (orm.py, dialects.py). The program
tests/policy/plan_many judges each in every way; what it refuses is counted by reason (run.py).
"""
