# Perl's DBI with DBD::Pg: prepared on the server and not, cursors, copies, metadata, errors.
use strict; use warnings; use DBI; use DBD::Pg qw(:pg_types); $| = 1;
use utf8; binmode STDOUT, ':utf8';
sub say_ { print join(' ', map { !defined $_ ? 'undef' : ref $_ eq 'ARRAY' ? '[' . join(',', map { defined $_ ? (ref $_ ? "@$_" : $_) : 'undef' } @$_) . ']' : $_ } @_), "\n" }
my $db = DBI->connect("dbi:Pg:application_name=perl", undef, undef, { AutoCommit => 1, RaiseError => 0, PrintError => 0, PrintWarn => 0 }) or die DBI->errstr;
sub tell_ { print "error ", $db->state, "\n"; print "error-text: $_\n" for split /\n/, $db->errstr // '' }
say_($db->{pg_server_version}, $db->{pg_db}, $db->{pg_enable_utf8}, $db->{pg_pid} > 0);
for my $server (0, 1) {
    $db->{pg_server_prepare} = $server;
    for my $sql ("SELECT i2, i4, i8, n, b, t, vc, c, d, ts, u, j, a, m FROM kinds WHERE i2 > 0", "SELECT id, name, price FROM items WHERE id < 4 ORDER BY id", "SELECT 1 WHERE false") {
        my $st = $db->prepare($sql); $st->execute or tell_();
        say_($st->{NAME}, $st->{TYPE}, $st->{pg_type}, $st->{NULLABLE});
        while (my $row = $st->fetchrow_arrayref) { say_(" ", $row) }
    }
    my $st = $db->prepare("SELECT name FROM items WHERE id = ?");
    for (1 .. 4) { $st->execute($_); say_($st->fetchrow_array) }
    $st = $db->prepare("INSERT INTO scratch VALUES (?, ?) RETURNING a");
    $st->execute(1, "ä '\\"); say_($st->fetchrow_array, $st->rows);
    $st = $db->prepare("SELECT ?::bytea"); $st->bind_param(1, "\0\xff", { pg_type => PG_BYTEA }); $st->execute; say_(unpack 'H*', ($st->fetchrow_array)[0]);
    for my $sql ("SELECT 1/0", "SELECT nothing_there FROM items", "SELEC", "INSERT INTO items (id, name) VALUES (1, 'double')") { $db->do($sql) or tell_(); my $p = $db->prepare($sql); $p && $p->execute or tell_() }
}
$db->begin_work; $db->do("DELETE FROM scratch"); $db->pg_savepoint('a'); $db->do("SELECT 1/0") or tell_(); $db->pg_rollback_to('a'); say_($db->selectrow_array("SELECT count(*) FROM scratch")); $db->rollback;
say_($db->selectrow_array("SELECT count(*) FROM scratch"));
$db->do("COPY scratch FROM STDIN"); $db->pg_putcopydata("$_\tline\n") for 1 .. 100; say_($db->pg_putcopyend);
$db->do("COPY (SELECT * FROM scratch ORDER BY a, b) TO STDOUT"); my ($line, $n) = ('', 0); while ($db->pg_getcopydata($line) >= 0) { $n += length $line } say_($n);
$db->do("COPY scratch FROM STDIN"); $db->pg_putcopydata("x\ty\n"); $db->pg_putcopyend or tell_();
$db->do("LISTEN here"); $db->do("NOTIFY here, 'x'"); my $note = $db->pg_notifies; say_($note->[0], $note->[1] == $db->{pg_pid}, $note->[2]);
$db->do("SELECT pg_sleep(0.05)", { pg_async => PG_ASYNC }); say_($db->pg_result);
# A cancel that overtakes its statement hits nothing, also without anything in between.
my $other = DBI->connect("dbi:Pg:"); $db->do("SELECT pg_sleep(20)", { pg_async => PG_ASYNC });
1 until $other->selectrow_array("SELECT count(*) FROM pg_stat_activity WHERE pid = ? AND wait_event = 'PgSleep'", undef, $db->{pg_pid});
say_($db->pg_cancel); $other->disconnect;
for my $method (sub { $db->table_info('', 'public', '%', 'TABLE,VIEW') }, sub { $db->column_info('', 'public', 'orders', '%') }, sub { $db->primary_key_info('', 'public', 'items') },
    sub { $db->foreign_key_info(undef, 'public', 'items', undef, 'public', 'orders') }, sub { $db->statistics_info(undef, 'public', 'orders', 0, 0) }) {
    my $st = $method->() or do { tell_(); next }; while (my $row = $st->fetchrow_arrayref) { say_(" ", $row) }
}
say_(sort $db->tables('', 'public', '%')); $db->do("TRUNCATE scratch"); say_($db->ping); $db->disconnect;
DBI->connect("dbi:Pg:", undef, "wrong", { PrintError => 0 }) or say_("error", $DBI::state);
