// libpqxx: transactors, cursors, streams, pipelines, large objects.
#include <iostream>
#include <pqxx/pqxx>
void show(const pqxx::result& r) {
  for (auto row : r) { for (auto f : row) std::cout << f.name() << '/' << f.type() << '=' << f.c_str() << ' '; std::cout << '\n'; }
}
int main() {
  pqxx::connection c;
  std::cout << c.server_version() << ' ' << c.get_variable("TimeZone") << '\n';
  {
    pqxx::work t(c);
    show(t.exec("SELECT id, name, price FROM items WHERE id < 4 ORDER BY id"));
    show(t.exec_params("SELECT $1::int + 1 AS a, $2::text AS b", 4, "x'y"));
    c.prepare("p", "SELECT name FROM items WHERE id = $1");
    for (int n = 1; n < 4; ++n) show(t.exec_prepared("p", n));
    pqxx::stateless_cursor<pqxx::cursor_base::read_only, pqxx::cursor_base::owned> cursor(t, "SELECT id FROM items ORDER BY id", "cur", false);
    show(cursor.retrieve(10, 15));
    pqxx::pipeline p(t); auto a = p.insert("SELECT 1 AS a"), b = p.insert("SELECT 2 AS b"); p.complete(); show(p.retrieve(a)); show(p.retrieve(b));
    try { pqxx::subtransaction s(t); s.exec("SELECT 1/0"); } catch (const pqxx::sql_error& e) { std::cout << "error " << e.sqlstate() << '\n'; }
    pqxx::largeobject big(t); { pqxx::largeobjectaccess la(t, big.id()); la.write("large", 5); la.seek(0, std::ios::beg); char b5[6] = {}; la.read(b5, 5); std::cout << b5 << '\n'; } big.remove(t);
  }
  for (const char* bad : {"SELECT nothing_there FROM items", "SELEC", "INSERT INTO items (id, name) VALUES (1, 'double')"})
    try { pqxx::work t(c); t.exec(bad); } catch (const pqxx::sql_error& e) { std::cout << "error " << e.sqlstate() << '\n'; }
}
