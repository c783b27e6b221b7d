// The PostgreSQL JDBC driver: statements in its query modes, cursors, batches, copies, metadata, errors.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

public class Jdbc {
  static void say(Object... values) { System.out.println(String.join(" ", Arrays.stream(values).map(String::valueOf).toArray(String[]::new))); }

  static void tell(SQLException e) {
    say("error", e.getClass().getSimpleName(), e.getSQLState());
    for (String line : String.valueOf(e.getMessage()).split("\n")) say("error-text:", line);
    if (e.getNextException() != null && e.getNextException() != e) tell(e.getNextException());
  }

  interface Work { void run() throws Exception; }

  static void attempt(Work work) throws Exception {
    try { work.run(); } catch (SQLException e) { tell(e); }
  }

  static void show(ResultSet rows) throws Exception {
    ResultSetMetaData meta = rows.getMetaData();
    StringBuilder head = new StringBuilder();
    for (int n = 1; n <= meta.getColumnCount(); n++)
      head.append(meta.getColumnLabel(n)).append(':').append(meta.getColumnTypeName(n)).append('/').append(meta.getColumnType(n)).append('/').append(meta.getTableName(n))
          .append('/').append(meta.isNullable(n)).append('/').append(meta.isAutoIncrement(n)).append(' ');
    say(head);
    while (rows.next()) {
      StringBuilder line = new StringBuilder(" ");
      for (int n = 1; n <= meta.getColumnCount(); n++) {
        Object value = rows.getObject(n);
        line.append(value instanceof byte[] b ? Arrays.toString(b) : value instanceof Array a ? Arrays.deepToString((Object[]) a.getArray()) : String.valueOf(value)).append(" | ");
      }
      say(line);
    }
    rows.close();
  }

  static Connection connect(String... more) throws Exception {
    Map<String, String> env = System.getenv();
    Properties p = new Properties();
    p.put("user", env.get("PGUSER"));
    p.put("password", env.get("PGPASSWORD"));
    p.put("sslmode", "verify-full");
    p.put("sslrootcert", env.get("PGSSLROOTCERT"));
    for (int n = 0; n + 1 < more.length; n += 2) p.put(more[n], more[n + 1]);
    return DriverManager.getConnection("jdbc:postgresql://" + env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE"), p);
  }

  static void statements(Connection c) throws Exception {
    try (Statement s = c.createStatement()) {
      show(s.executeQuery("SELECT i2, i4, i8, f4, f8, n, b, t, vc, c, \"by\", d, ti, ts, u, j, jb, ip, mac, r, a, aa, m, pr, po, mo, o, nm FROM kinds WHERE i2 > 0"));
      show(s.executeQuery("SELECT * FROM items WHERE id < 4 ORDER BY id"));
      boolean more = s.execute("SELECT 1; UPDATE items SET name = name WHERE id < 3; SELECT 2");
      while (more || s.getUpdateCount() >= 0) { if (more) show(s.getResultSet()); else say(s.getUpdateCount()); more = s.getMoreResults(); }
      say(s.executeUpdate("INSERT INTO orders (item_id, amount) VALUES (1, 1)", Statement.RETURN_GENERATED_KEYS));
      show(s.getGeneratedKeys());
      for (String bad : List.of("SELECT 1/0", "SELECT nothing_there FROM items", "SELECT * FROM no_such_table", "SELEC", "INSERT INTO items (id, name) VALUES (1, 'double')",
          "INSERT INTO items (id) VALUES (999)", "INSERT INTO orders (item_id, amount) VALUES (9999, 1)")) attempt(() -> s.execute(bad));
      show(s.executeQuery("SELECT tell('x')"));
      say(s.getWarnings() == null ? "no warning" : s.getWarnings().getSQLState());
    }
    try (PreparedStatement p = c.prepareStatement("SELECT id, name, price, made FROM items WHERE id = ? OR name = ?")) {
      attempt(() -> say(p.getParameterMetaData().getParameterTypeName(1), p.getMetaData().getColumnCount()));
      for (int n = 1; n < 9; n++) { p.setInt(1, n); p.setString(2, "none"); show(p.executeQuery()); }  // the fifth becomes a prepared one
    }
    try (PreparedStatement p = c.prepareStatement("INSERT INTO scratch VALUES (?, ?)", new String[] {"a"})) {
      for (int n = 0; n < 300; n++) { p.setInt(1, n); p.setString(2, n % 7 == 0 ? null : "ä '" + n); p.addBatch(); }
      say(Arrays.stream(p.executeBatch()).sum());
    }
    try (PreparedStatement p = c.prepareStatement("INSERT INTO items (id, name) VALUES (?, 'batch')")) {
      for (int id : new int[] {801, 802, 1, 803}) { p.setInt(1, id); p.addBatch(); }
      attempt(p::executeBatch);
    }
    try (CallableStatement f = c.prepareCall("{? = call add(?, ?)}")) {
      attempt(() -> { f.registerOutParameter(1, Types.INTEGER); f.setInt(2, 3); f.setInt(3, 4); f.execute(); say(f.getInt(1)); });
    }
    try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE); ResultSet r = s.executeQuery("SELECT id, name FROM items WHERE id < 6 ORDER BY id")) {
      r.absolute(3); r.updateString(2, "updated by row"); r.updateRow(); r.previous(); say(r.getString(2)); r.absolute(3); say(r.getString(2));
    }
  }

  static void transactions(Connection c) throws Exception {
    c.setAutoCommit(false);
    try (Statement s = c.createStatement()) {
      s.setFetchSize(20);
      ResultSet r = s.executeQuery("SELECT id, payload FROM big ORDER BY id");
      long sum = 0; while (r.next()) sum += r.getInt(1) + r.getString(2).length(); say(sum);
      Savepoint point = c.setSavepoint("here");
      attempt(() -> s.execute("SELECT 1/0"));
      attempt(() -> s.execute("SELECT 1"));
      c.rollback(point);
      show(s.executeQuery("SELECT count(*) FROM scratch"));
      s.execute("DELETE FROM scratch"); c.rollback();
      show(s.executeQuery("SELECT count(*) FROM scratch")); c.commit();
      for (int level : new int[] {1, 2, 4, 8}) { c.setTransactionIsolation(level); show(s.executeQuery("SHOW transaction_isolation")); c.rollback(); }
    }
    org.postgresql.largeobject.LargeObjectManager manager = c.unwrap(PGConnection.class).getLargeObjectAPI();
    long oid = manager.createLO();
    try (org.postgresql.largeobject.LargeObject big = manager.open(oid)) { big.write("large".repeat(10000).getBytes()); big.seek(5); say(new String(big.read(5)), big.size()); }
    manager.delete(oid); c.commit();
    c.setAutoCommit(true);
  }

  static void special(Connection c) throws Exception {
    CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
    say(copy.copyIn("COPY scratch FROM STDIN CSV", new StringReader("1,x\n2,\n")));
    StringWriter out = new StringWriter();
    say(copy.copyOut("COPY (SELECT * FROM scratch ORDER BY a, b) TO STDOUT", out), out.toString().length());
    attempt(() -> copy.copyIn("COPY scratch FROM STDIN", new ByteArrayInputStream("x\ty\n".getBytes(StandardCharsets.UTF_8))));
    try (Statement s = c.createStatement()) {
      s.execute("LISTEN here"); s.execute("NOTIFY here, 'x'"); s.execute("SELECT 1");
      PGConnection pg = c.unwrap(PGConnection.class);
      for (var n : pg.getNotifications()) say(n.getName(), n.getParameter(), n.getPID() == pg.getBackendPID());
      s.setQueryTimeout(1);
      attempt(() -> s.execute("SELECT pg_sleep(20)"));
      s.setQueryTimeout(0);
      show(s.executeQuery("SELECT 'after'"));
      s.execute("TRUNCATE scratch"); s.execute("DELETE FROM items WHERE id > 800");
    }
    say(c.isValid(5), c.getCatalog(), c.getSchema());
    c.setSchema("pg_catalog"); say(c.getSchema()); c.setSchema("public");
    c.setReadOnly(true); c.setAutoCommit(false); attempt(() -> c.createStatement().execute("DELETE FROM scratch")); c.rollback(); c.setAutoCommit(true); c.setReadOnly(false);
  }

  static void metadata(Connection c) throws Exception {
    DatabaseMetaData m = c.getMetaData();
    say(m.getDatabaseProductName(), m.getDatabaseProductVersion(), m.getDatabaseMajorVersion(), m.getDriverVersion(), m.getMaxConnections(), m.getUserName(), m.getSQLKeywords(),
        m.getNumericFunctions(), m.getMaxColumnsInIndex(), m.getMaxColumnNameLength(), m.getDefaultTransactionIsolation());
    show(m.getTables(null, null, "%", null)); show(m.getColumns(null, "public", "%", "%")); show(m.getPrimaryKeys(null, null, "items")); show(m.getImportedKeys(null, null, "orders"));
    show(m.getExportedKeys(null, null, "items")); show(m.getCrossReference(null, null, "items", null, null, "orders")); show(m.getIndexInfo(null, null, "orders", false, false));
    show(m.getSchemas()); show(m.getCatalogs()); show(m.getTableTypes()); show(m.getTypeInfo()); show(m.getProcedures(null, "public", "%")); show(m.getFunctions(null, "public", "%"));
    show(m.getFunctionColumns(null, "public", "%", "%")); show(m.getProcedureColumns(null, "public", "%", "%")); show(m.getBestRowIdentifier(null, null, "items", 2, true)); show(m.getVersionColumns(null, null, "items"));
    show(m.getTablePrivileges(null, "public", "%")); show(m.getColumnPrivileges(null, "public", "items", "%")); show(m.getUDTs(null, "public", "%", null)); show(m.getClientInfoProperties());
  }

  public static void main(String[] arguments) throws Exception {
    for (String mode : List.of("extended", "simple", "extendedForPrepared", "extendedCacheEverything")) {
      say("--", mode);
      try (Connection c = connect("preferQueryMode", mode, "ApplicationName", "jdbc", "options", "-c geqo=off", "binaryTransfer", "true", "prepareThreshold", "3")) {
        c.createStatement().execute("TRUNCATE orders RESTART IDENTITY");
        statements(c); transactions(c); special(c);
      }
    }
    try (Connection c = connect()) { metadata(c); }
    for (String[] wrong : new String[][] {{"password", "wrong"}, {"options", "-c no_such=1"}, {"preparedStatementCacheQueries", "0", "assumeMinServerVersion", "9.4"}, {"reWriteBatchedInserts", "true"}})
      attempt(() -> { try (Connection c = connect(wrong)) { say(wrong[0]); PreparedStatement p = c.prepareStatement("INSERT INTO scratch VALUES (?, ?)");
        for (int n = 0; n < 40; n++) { p.setInt(1, n); p.setString(2, "x"); p.addBatch(); } say(p.executeBatch().length); c.createStatement().execute("TRUNCATE scratch"); } });
  }
}
