# Non-interactive psql in its ways: a file, a pipe, -c several times, one transaction, stopping at an error.
psql -X -a -q -f "$HERE/psql/$1.sql" 2>&1
[ "$1" = work ] || exit 0
psql -X -At -c 'SELECT 1' -c 'SELECT 2; SELECT 3' -c '\d cheap' 2>&1
echo 'SELECT 4; SELECT 1/0; SELECT 5' | psql -X -At -v ON_ERROR_STOP=1 -v VERBOSITY=verbose 2>&1; echo "status $?"
printf 'INSERT INTO scratch VALUES (40);\nSELECT 1/0;\n' | psql -X -1 -v VERBOSITY=verbose 2>&1
psql -X -At -c 'SELECT count(*) FROM scratch WHERE a = 40'
psql -X -l
psql -X 'service=none' -c 'SELECT 1' 2>&1 | sed 's/".*"/".../'
PGOPTIONS='-c search_path=pg_catalog -c statement_timeout=1234' psql -X -At -c 'SHOW search_path' -c 'SHOW statement_timeout'
PGOPTIONS='-c no.such' psql -X -At -v VERBOSITY=verbose -c 'SHOW search_path' 2>&1 | sed 's/port [0-9]*/port/'
PGAPPNAME=named PGTZ=Asia/Tokyo PGDATESTYLE=SQL psql -X -At -c 'SHOW application_name' -c "SELECT timestamptz '2024-01-01 00:00+00'"
PGCLIENTENCODING=LATIN1 psql -X -At -c 'SELECT c FROM (VALUES (chr(233))) t (c)' | od -c | head -1
pg_isready | sed 's/:[0-9]* /:port /'
