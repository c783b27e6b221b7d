<?php // PHP: the pgsql extension and PDO.
function say(...$v) { echo implode(' ', array_map(fn($x) => is_string($x) ? $x : json_encode($x), $v)), "\n"; }
$c = pg_connect('application_name=php');
say(pg_version($c)['server'], pg_parameter_status($c, 'TimeZone'), pg_client_encoding($c));
foreach (["SELECT * FROM kinds WHERE i2 > 0", "SELECT id, name, price FROM items WHERE id < 4 ORDER BY id"] as $sql) {
  $r = pg_query($c, $sql);
  for ($n = 0; $n < pg_num_fields($r); $n++) say(pg_field_name($r, $n), pg_field_type($r, $n), pg_field_table($r, $n));
  say(pg_fetch_all($r));
}
say(pg_fetch_all(pg_query_params($c, 'SELECT $1::int + 1 AS a, $2::text AS b, $3::bytea AS c', [1, "ä'", null])));
pg_prepare($c, 'p', 'SELECT name FROM items WHERE id = $1');
foreach ([1, 2, 3] as $n) say(pg_fetch_row(pg_execute($c, 'p', [$n])));
foreach (['SELECT 1/0', 'SELECT nothing_there FROM items', 'SELEC', "INSERT INTO items (id, name) VALUES (1, 'double')"] as $sql) {
  pg_send_query($c, $sql);
  $r = pg_get_result($c);
  say('error', pg_result_error_field($r, PGSQL_DIAG_SQLSTATE), pg_result_error_field($r, PGSQL_DIAG_STATEMENT_POSITION));
  pg_get_result($c);
}
say(pg_insert($c, 'scratch', ['a' => 1, 'b' => "x'y"]) !== false, pg_select($c, 'scratch', ['a' => 1]), pg_update($c, 'scratch', ['b' => 'z'], ['a' => 1]), pg_meta_data($c, 'items'));
say(pg_copy_from($c, 'scratch', ["5\tx\n", "6\ty\n"]), pg_copy_to($c, 'scratch'));
pg_query($c, 'LISTEN here'); pg_query($c, "NOTIFY here, 'x'");
$n = pg_get_notify($c); say($n['message'], $n['payload'], $n['pid'] == pg_get_pid($c));
pg_query($c, 'BEGIN'); $oid = pg_lo_create($c); $h = pg_lo_open($c, $oid, 'w'); pg_lo_write($h, str_repeat('large', 9000)); pg_lo_close($h);
$h = pg_lo_open($c, $oid, 'r'); say(strlen(pg_lo_read($h, 99999))); pg_lo_close($h); pg_lo_unlink($c, $oid); pg_query($c, 'COMMIT');
pg_query($c, 'TRUNCATE scratch');
foreach ([true, false] as $emulate) {
  $dsn = sprintf('pgsql:host=%s;port=%s;dbname=%s;sslmode=%s;sslrootcert=%s', ...array_map('getenv', ['PGHOST', 'PGPORT', 'PGDATABASE', 'PGSSLMODE', 'PGSSLROOTCERT']));
  $p = new PDO($dsn, getenv('PGUSER'), getenv('PGPASSWORD'), [PDO::ATTR_EMULATE_PREPARES => $emulate, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
  $s = $p->prepare('SELECT id, name, price, made, tags FROM items WHERE id < :n ORDER BY id');
  $s->execute(['n' => 4]); say($s->fetchAll(PDO::FETCH_ASSOC));
  for ($n = 0; $n < $s->columnCount(); $n++) say($s->getColumnMeta($n));
  $p->beginTransaction(); $p->exec('INSERT INTO scratch VALUES (1)'); say($p->query('SELECT count(*) FROM scratch')->fetchColumn()); $p->rollBack();
  try { $p->exec('SELECT 1/0'); } catch (PDOException $e) { say('error', $e->getCode()); }
  say($p->pgsqlCopyFromArray('scratch', ["1\tx", "2\ty"]), $p->pgsqlCopyToArray('scratch')); $p->exec('TRUNCATE scratch');
}
