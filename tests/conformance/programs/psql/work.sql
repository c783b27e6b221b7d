-- What people type: variables, loops, copies, formats, errors, pipes.
-- It writes files: into the directory that is made for it, or nowhere.
\getenv scratch SCRATCH
\if :{?scratch}
\cd :scratch
\else
\warn SCRATCH is not set
\quit
\endif
\set VERBOSITY verbose
\timing on
SELECT 1;
\timing off
SELECT count(*) AS n, max(id) AS m FROM items \gset
\echo :n :m
SELECT format('SELECT %s AS made', g) FROM generate_series(1, 3) g \gexec
SELECT id, name, price, made, tags, extra FROM items LIMIT 0 \gdesc
SELECT i.id % 3 AS r, o.amount AS c, count(*) FROM items i JOIN orders o ON o.item_id = i.id GROUP BY 1, 2 ORDER BY 1, 2 \crosstabview
\copy items TO items.tsv
\! wc -l < items.tsv
CREATE TEMP TABLE copied (LIKE items);
\copy copied FROM items.tsv
\copy (SELECT id, name FROM items WHERE id < 4 ORDER BY id) TO STDOUT CSV HEADER
SELECT count(*), md5(string_agg(c::text, ',' ORDER BY id)) FROM copied c;
COPY scratch FROM STDIN;
1	from psql
2	\N
\.
COPY scratch FROM STDIN;
x	wrong
\.
SELECT * FROM scratch ORDER BY a;
\copy kinds TO STDOUT
\copy kinds TO kinds.bin BINARY
CREATE TEMP TABLE kinds_again (LIKE kinds);
\copy kinds_again FROM kinds.bin BINARY
SELECT (SELECT md5(string_agg(k::text, ',' ORDER BY i2)) FROM kinds k) = (SELECT md5(string_agg(k::text, ',' ORDER BY i2)) FROM kinds_again k);
\x on
SELECT * FROM kinds WHERE i2 = 32767;
\x off
\pset format html
TABLE cheap;
\pset format csv
TABLE cheap;
\pset format latex
TABLE cheap;
\pset format aligned
\pset null '(null)'
\set FETCH_COUNT 7
SELECT id, payload = repeat(md5(id::text), 40) AS ok FROM big ORDER BY id LIMIT 30;
SELECT 1/(20 - g) FROM generate_series(1, 30) g;
\unset FETCH_COUNT
SELECT 1/0;
\errverbose
\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE :ROW_COUNT :ERROR
SELECT nothing_there
  FROM items
 WHERE name = 'ä';
\set ON_ERROR_ROLLBACK on
BEGIN;
INSERT INTO scratch VALUES (7, 'kept');
SELECT 1/0;
INSERT INTO scratch VALUES (8, 'kept too');
COMMIT;
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT off
INSERT INTO scratch VALUES (9, 'gone');
ROLLBACK;
\set AUTOCOMMIT on
SELECT count(*) FROM scratch WHERE a IN (7, 8, 9);
SELECT 1 AS a \; SELECT 2 AS b \; SELECT 3 AS c;
\set SHOW_ALL_RESULTS off
SELECT 1 AS a \; SELECT 2 AS b;
CREATE SEQUENCE watched;
SELECT 6 / (3 - nextval('watched')) AS left \watch 0.05
DROP SEQUENCE watched;
LISTEN here;
NOTIFY here, 'to myself';
SELECT 1;
\lo_import items.tsv
\set big :LASTOID
\lo_export :big again.tsv
\! cmp items.tsv again.tsv && echo equal
\lo_unlink :big
\encoding LATIN1
SELECT 'é' = chr(233);
\encoding UTF8
\c -
SELECT current_user, current_database();
\c "dbname=conformance application_name=again"
SHOW application_name;
\if :{?n}
\echo there is n
\endif
DO $$ BEGIN RAISE NOTICE 'noted'; RAISE WARNING 'warned' USING ERRCODE = '01234', HINT = 'none'; END $$;
\g (format=unaligned) items.txt
TABLE cheap \g cheap.txt
\! cat cheap.txt
SELECT pg_terminate_backend(pg_backend_pid());
SELECT 'again there';
