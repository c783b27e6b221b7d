// Logs in as a plain JDBC application does and prints who it is: java LogIn.java URL, the rest from the environment.
import java.sql.*;
import java.util.Properties;

public class LogIn {
    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        settings.setProperty("user", System.getenv("JDBC_USER"));
        if (System.getenv("JDBC_PASSWORD") != null) settings.setProperty("password", System.getenv("JDBC_PASSWORD"));
        try (Connection connection = DriverManager.getConnection(arguments[0], settings);
             Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SHOW pgward.subject")) {
                rows.next();
                System.out.println(rows.getString(1));
            }
            try (ResultSet rows = statement.executeQuery("SELECT DISTINCT left(mrn, 3) FROM patients")) {
                while (rows.next()) System.out.println(rows.getString(1));
            }
        } catch (SQLException error) {
            System.out.println("refused " + error.getSQLState());
        }
    }
}
