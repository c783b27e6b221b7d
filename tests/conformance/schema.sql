-- What every side starts with. Made-up data; every type that drivers decode in their own way.
CREATE TABLE items (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2), made date, tags text[],
                    extra jsonb, seen timestamptz DEFAULT '2024-02-29 12:00:00+00');
INSERT INTO items SELECT g, 'item ' || g, g * 1.25, date '2024-01-01' + g, ARRAY['a' || g, NULL, 'b,"c'],
                         jsonb_build_object('n', g, 'deep', jsonb_build_array(1, 'zwei', null)) FROM generate_series(1, 50) g;
CREATE TABLE orders (id serial PRIMARY KEY, item_id int NOT NULL REFERENCES items (id) DEFERRABLE, amount int CHECK (amount > 0),
                     note varchar(20), CONSTRAINT orders_note_key UNIQUE (note));
CREATE INDEX orders_by_item ON orders (item_id);
CREATE TABLE scratch (a int, b text);
CREATE TABLE big (id int PRIMARY KEY, payload text);
INSERT INTO big SELECT g, repeat(md5(g::text), 40) FROM generate_series(1, 500) g;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE pair AS (x int, y text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE kinds (i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, b bool, t text, vc varchar(10), c char(5),
                    by bytea, d date, ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval, u uuid, j json, jb jsonb,
                    x xml, ip inet, cd cidr, mac macaddr, bits bit(5), vbits varbit, r int4range, rt tstzrange, p point, bx box,
                    a int[], aa text[][], m mood, pr pair, po positive, mo money, o oid, nm name);
INSERT INTO kinds VALUES (32767, -2147483648, 9223372036854775807, 1.5, 0.1, 123456789012345678901234567890.123456789, true,
  E'täxt\nwith "quotes" \\ and 漢字', 'varchar', 'chr', '\x00ff10', '2024-02-29', '23:59:59.999999', '12:00:00+05:30',
  '1999-12-31 23:59:59', '2024-02-29 12:00:00+00', '1 year 2 mons -3 days 04:05:06.7', 'b5a3c1d2-0000-4000-8000-000000000001',
  '{"a": [1, 2.50, null]}', '{"b": {"c": "d"}}', '<a b="c">d</a>', '192.0.2.7/24', '192.0.2.0/24', '08:00:2b:01:02:03', B'10101',
  B'1', '[1,10)', '[2024-01-01 00:00+00,)', '(1.5,-2)', '((1,1),(0,0))', '{1,NULL,3}', '{{a,b},{c,"d e"}}', 'ok', '(7,"a ""b""")',
  42, 12.34, 4294967295, 'a_name');
INSERT INTO kinds (i2) VALUES (NULL);
INSERT INTO kinds VALUES ('-1', 0, 0, 'NaN', '-Infinity', 'NaN', false, '', '', '', '', 'infinity', '00:00',
  '00:00+00', '-infinity', 'epoch', '0', '00000000-0000-0000-0000-000000000000', 'null', '{}', NULL, '::1', '::/0',
  'ff:ff:ff:ff:ff:ff', B'00000', '', 'empty', '(,)', '(0,0)', '((0,0),(0,0))', '{}', '{}', 'sad', '(,)', 1, 0, 0, '');
CREATE TABLE measured (at date NOT NULL, value float8) PARTITION BY RANGE (at);
CREATE TABLE measured_2023 PARTITION OF measured FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE measured_2024 PARTITION OF measured FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO measured SELECT date '2023-06-01' + g, g FROM generate_series(1, 400) g;
CREATE VIEW cheap AS SELECT id, name FROM items WHERE price < 10;
CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION tell(what text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'told'; RETURN upper(what); END $$;
CREATE PROCEDURE put(n int) LANGUAGE sql AS 'INSERT INTO scratch VALUES (n, ''put'')';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := coalesce(NEW.b, 'stamped'); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON scratch FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE SEQUENCE counter START 10 INCREMENT 5;
COMMENT ON TABLE items IS 'things for sale';
COMMENT ON COLUMN items.name IS 'what it is called';
CREATE TABLE guarded (id int PRIMARY KEY, tenant_id uuid NOT NULL, body text);
INSERT INTO guarded SELECT g, 'aaaaaaaa-0000-4000-8000-000000000001', 'body ' || g FROM generate_series(1, 20) g;
ANALYZE;
