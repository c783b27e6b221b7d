# What an administrator runs; what speaks the replication protocol is refused, and says so.
say() { echo "-- $*"; "$@" 2>&1; echo "status $?"; }
say createuser --echo --no-password made_up
printf 'made-up\nmade-up\n' | psql -X -c '\password made_up' 2>&1
psql -X -At -c "SELECT rolpassword LIKE 'SCRAM%' FROM pg_authid WHERE rolname = 'made_up'"
say createdb --echo --owner=made_up --template=template0 made_up
say dropdb --echo --force made_up
say dropuser --echo made_up
say vacuumdb --jobs=3 --analyze-in-stages
say vacuumdb --all --analyze-only --quiet
say reindexdb --concurrently --table=items
psql -Xq -c 'CREATE EXTENSION amcheck'
say /usr/lib/postgresql/15/bin/pg_amcheck --heapallindexed
psql -Xq -c 'DROP EXTENSION amcheck'
say /usr/lib/postgresql/15/bin/oid2name -d "$PGDATABASE" -t items | sed -E 's/ +[0-9]+ / /'
say /usr/lib/postgresql/15/bin/vacuumlo --verbose --dry-run "$PGDATABASE" | grep -v '^Test run'
