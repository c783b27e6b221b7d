"""psycopg_pool with a fresh credential for each connection that it opens."""
import os, subprocess

import psycopg
from psycopg_pool import ConnectionPool


def fresh_token():
    return subprocess.run(os.environ["TOKEN_COMMAND"], shell=True, check=True, capture_output=True, text=True).stdout.strip()


class FreshConnection(psycopg.Connection):
    @classmethod
    def connect(cls, conninfo="", **settings):
        return super().connect(conninfo, password=fresh_token(), **settings)


def new_pool(conninfo, max_lifetime):
    # Everything but the password in `conninfo`; max_lifetime in seconds, below the credential's.
    return ConnectionPool(conninfo, connection_class=FreshConnection, min_size=1, max_size=4, max_lifetime=max_lifetime)
