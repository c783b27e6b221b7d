"""Throw-away servers: a PostgreSQL cluster and a pgward in front of it, in one temporary directory.

    with Stage() as stage:                       # removed at the end, also on SIGINT, SIGTERM, SIGHUP
        cluster = stage.cluster()                # started, TLS, random passwords
        proxy = stage.proxy(cluster, ...)        # started, ready

Ports are chosen at run time; processes are started in sessions of their own, ended by their pid, and die with
this one when it is killed outright.
"""
from throwaway.stage import Stage  # noqa: F401
