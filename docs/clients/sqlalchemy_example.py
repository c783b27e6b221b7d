"""SQLAlchemy with a fresh credential for each connection that its pool opens."""
import os, subprocess

import sqlalchemy


def fresh_token():
    return subprocess.run(os.environ["TOKEN_COMMAND"], shell=True, check=True, capture_output=True, text=True).stdout.strip()


def new_engine(url, max_lifetime):
    # pool_recycle in seconds, below the credential's life; pool_pre_ping replaces a connection that has ended meanwhile.
    engine = sqlalchemy.create_engine(url, pool_recycle=max_lifetime, pool_pre_ping=True)

    @sqlalchemy.event.listens_for(engine, "do_connect")
    def with_fresh_token(dialect, record, arguments, settings):
        settings["password"] = fresh_token()

    return engine
