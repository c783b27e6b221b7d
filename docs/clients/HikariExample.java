// HikariCP and the PostgreSQL JDBC driver with a fresh credential for each connection.
// Compile it, then: java HikariExample URL SECONDS
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.*;
import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;

public class HikariExample {
    // The driver asks it for the password of each connection.
    public static class FreshToken implements AuthenticationPlugin {
        @Override
        public char[] getPassword(AuthenticationRequestType type) {
            try {
                Process process = new ProcessBuilder("sh", "-c", System.getenv("TOKEN_COMMAND")).start();
                return new String(process.getInputStream().readAllBytes()).trim().toCharArray();
            } catch (java.io.IOException error) {
                throw new IllegalStateException("no token", error);
            }
        }
    }

    static HikariDataSource newPool(String url, String user) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.addDataSourceProperty("authenticationPluginClassName", FreshToken.class.getName());
        config.setMaximumPoolSize(2);
        // Below the credential's life. HikariCP takes 30 seconds at least.
        config.setMaxLifetime(Long.getLong("maxLifetimeMillis", 30_000));
        return new HikariDataSource(config);
    }

    // Asks the same question until the time is over; prints how many answers and how many lost connections there were.
    public static void main(String[] arguments) throws Exception {
        int answers = 0, lost = 0;
        try (HikariDataSource pool = newPool(arguments[0], "clinician")) {
            long end = System.currentTimeMillis() + 1000 * Long.parseLong(arguments[1]);
            while (System.currentTimeMillis() < end) {
                try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement();
                     ResultSet rows = statement.executeQuery("SELECT count(*) FROM patients")) {
                    rows.next();
                    answers++;
                } catch (SQLException error) {
                    if (!"57P01".equals(error.getSQLState())) throw error;
                    lost++;
                }
                Thread.sleep(50);
            }
        }
        System.out.println("answers " + answers + " lost " + lost);
    }
}
