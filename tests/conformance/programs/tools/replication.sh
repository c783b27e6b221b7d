# Nothing of the replication protocol passes pgward: it must be said clearly, and nothing may hang.
say() { echo "-- $1"; timeout 20 "$@" 2>&1 | sed -E 's/^.*(ERROR|FATAL|error): +/\1: /'; }
say psql -X "replication=database" -c IDENTIFY_SYSTEM
say pg_basebackup -D "$SCRATCH/backup" -X none
say pg_receivewal -D "$SCRATCH" --no-loop
say /usr/lib/postgresql/15/bin/pg_recvlogical --slot=x --start -f - -d "$PGDATABASE" --no-loop
