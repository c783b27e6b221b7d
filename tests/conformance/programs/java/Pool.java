// HikariCP over JDBC: how a pool looks after its connections, and what applications set on the way.
import com.zaxxer.hikari.*;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

public class Pool {
  static void say(Object... values) { System.out.println(String.join(" ", Arrays.stream(values).map(String::valueOf).toArray(String[]::new))); }
  static String ask(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(sql)) { return r.next() ? r.getString(1) : "none"; }
  }
  static void tell(SQLException e) {
    say("error", e.getClass().getSimpleName(), e.getSQLState());
    for (String line : String.valueOf(e.getMessage()).split("\n")) say("error-text:", line);
  }

  public static void main(String[] a) throws Exception {
    Map<String, String> env = System.getenv();
    HikariConfig config = new HikariConfig();
    String address = env.get("PGHOST") + ":" + env.get("PGPORT");
    config.setJdbcUrl("jdbc:postgresql://127.0.0.1:1," + address + "," + address + "/" + env.get("PGDATABASE") + "?targetServerType=primary&loadBalanceHosts=true"
        + "&autosave=always&reWriteBatchedInserts=true&tcpKeepAlive=true&currentSchema=public,pg_catalog&ApplicationName=pool&options=-c%20statement_timeout=9s&gssEncMode=disable&loginTimeout=5");
    config.setUsername(env.get("PGUSER"));
    config.setPassword(env.get("PGPASSWORD"));
    config.addDataSourceProperty("sslmode", "verify-full");
    config.addDataSourceProperty("sslrootcert", env.get("PGSSLROOTCERT"));
    config.setMaximumPoolSize(3);
    config.setConnectionInitSql("SET work_mem = '7MB'");
    config.setLeakDetectionThreshold(0);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      try (Connection c = pool.getConnection()) {
        say(ask(c, "SHOW work_mem"), ask(c, "SHOW statement_timeout"), ask(c, "SHOW search_path"), ask(c, "SHOW application_name"), c.isValid(2), c.getSchema(), c.getCatalog());
        c.setReadOnly(true);
        c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        c.setSchema("pg_catalog");
        c.setNetworkTimeout(Runnable::run, 3000);
        c.setClientInfo("ApplicationName", "renamed");
        say(ask(c, "SHOW search_path"), ask(c, "SHOW transaction_isolation"), ask(c, "SHOW transaction_read_only"), ask(c, "SHOW application_name"));
      }
      try (Connection c = pool.getConnection()) {  // the pool has put everything back
        say(c.isReadOnly(), c.getTransactionIsolation(), c.getSchema(), c.getAutoCommit());
        c.setSchema("public");
        c.setAutoCommit(false);
        try (PreparedStatement p = c.prepareStatement("INSERT INTO scratch VALUES (?, ?)")) {
          for (int n = 0; n < 700; n++) { p.setInt(1, n); p.setString(2, "v" + n); p.addBatch(); }
          say(p.executeBatch().length);
        }
        c.commit();
        say(ask(c, "SELECT count(*) FROM scratch"));
        try { ask(c, "SELECT 1/0"); } catch (SQLException e) { tell(e); }
        say(ask(c, "SELECT 'autosave has saved it'"));
        c.rollback();
      }
      List<Future<Integer>> sums = new ArrayList<>();
      ExecutorService threads = Executors.newFixedThreadPool(8);
      for (int n = 0; n < 80; n++) {
        final int k = n;
        sums.add(threads.submit(() -> { try (Connection c = pool.getConnection()) { return Integer.parseInt(ask(c, "SELECT " + k + " * 2")); } }));
      }
      int sum = 0;
      for (Future<Integer> f : sums) sum += f.get();
      threads.shutdown();
      say(sum);
      // Ended by the server while it is lent out, and while it is in the pool: the pool replaces both.
      try (Connection c = pool.getConnection()) {
        ask(c, "SELECT pg_terminate_backend(pg_backend_pid())");
      } catch (SQLException e) { tell(e); }
      try (Connection c = pool.getConnection()) {
        ask(c, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name IN ('pool', 'renamed') AND pid <> pg_backend_pid()");
      }
      Thread.sleep(600);  // Hikari trusts what it used half a second ago
      for (int n = 0; n < 3; n++) try (Connection c = pool.getConnection()) { say(ask(c, "SELECT 'alive'")); }
      try (Connection c = pool.getConnection(); Statement s = c.createStatement()) {
        s.setQueryTimeout(1);
        s.execute("SELECT pg_sleep(20)");
      } catch (SQLException e) { tell(e); }
      try (Connection c = pool.getConnection()) { c.setNetworkTimeout(Runnable::run, 500); ask(c, "SELECT pg_sleep(20)"); } catch (SQLException e) { tell(e); }
      try (Connection c = pool.getConnection()) { say(ask(c, "SELECT 'alive'")); }
    }
    config.setUsername(env.get("PGUSER"));
    config.setPassword("wrong");
    config.setInitializationFailTimeout(1);
    try (HikariDataSource pool = new HikariDataSource(config)) { say("connected"); } catch (RuntimeException e) { say("refused", e.getCause() instanceof SQLException s ? s.getSQLState() : e.getCause()); }
  }
}
