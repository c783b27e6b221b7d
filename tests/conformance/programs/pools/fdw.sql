-- PostgreSQL itself as a client: foreign tables and dblink, from the same server through the same way in.
\set VERBOSITY verbose
\getenv host PGHOST
\getenv port PGPORT
\getenv user PGUSER
\getenv password PGPASSWORD
\getenv ca CA
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION dblink;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'host', port :'port', dbname 'conformance', sslmode 'verify-full', sslrootcert :'ca', sslcert '/nowhere', use_remote_estimate 'true', fetch_size '7', batch_size '10');
CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user :'user', password :'password');
CREATE SCHEMA far;
IMPORT FOREIGN SCHEMA public LIMIT TO (items, orders, scratch, kinds, measured) FROM SERVER far INTO far;
SELECT count(*), max(name) FROM far.items WHERE id < 30;
SELECT i.name, count(*) FROM far.items i JOIN far.orders o ON o.item_id = i.id WHERE i.id < 4 GROUP BY 1 ORDER BY 1;
SELECT i2, i4, i8, f4, f8, n, b, t, d, ts, tstz, u, jb, a FROM far.kinds ORDER BY i2;
EXPLAIN (VERBOSE, COSTS off) SELECT name FROM far.items WHERE id = 3 ORDER BY name LIMIT 2;
INSERT INTO far.scratch SELECT g, 'row ' || g FROM generate_series(1, 25) g;
UPDATE far.scratch SET b = b || '!' WHERE a < 5 RETURNING a, b;
DELETE FROM far.scratch WHERE a > 20;
BEGIN;
INSERT INTO far.scratch VALUES (100, 'gone');
SAVEPOINT s;
INSERT INTO far.orders (item_id, amount) VALUES (1, 0);
ROLLBACK TO s;
SELECT count(*) FROM far.scratch;
ROLLBACK;
SELECT count(*) FROM far.scratch;
\copy far.scratch FROM PROGRAM 'printf "7\tseven\n8\teight\n"'
ANALYZE far.items;
SELECT reltuples FROM pg_class WHERE oid = 'far.items'::regclass;
TRUNCATE far.scratch;
SELECT dblink_connect('c', format('host=%s port=%s dbname=conformance user=%s password=%s sslmode=verify-full sslrootcert=%s sslcert=/nowhere', :'host', :'port', :'user', :'password', :'ca'));
SELECT * FROM dblink('c', 'SELECT id, name FROM items WHERE id < 3') t (id int, name text);
SELECT dblink_open('c', 'k', 'SELECT id FROM items ORDER BY id');
SELECT * FROM dblink_fetch('c', 'k', 3) t (id int);
SELECT dblink_close('c', 'k');
SELECT dblink_send_query('c', 'SELECT 1; SELECT 2');
SELECT * FROM dblink_get_result('c') t (n int);
SELECT * FROM dblink_get_result('c') t (n int);
SELECT * FROM dblink_get_result('c') t (n int);
SELECT dblink_exec('c', 'SELECT 1/0', false);
SELECT dblink_send_query('c', 'SELECT pg_sleep(20)'), dblink_cancel_query('c');
SELECT dblink_disconnect('c');
SELECT server_name, valid FROM postgres_fdw_get_connections();
SELECT postgres_fdw_disconnect_all();
DROP SCHEMA far CASCADE;
DROP EXTENSION dblink, postgres_fdw CASCADE;
