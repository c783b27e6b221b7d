#include "proxy/upstream/connect.h"

#include <array>

namespace pgward::proxy {

std::variant<Connection, std::string> connect_upstream(const Config& config, const std::string& database) {
  auto password = upstream_password(config);
  if (!password) return "the upstream password cannot be read";
  const std::string port = std::to_string(config.upstream_port);
  const std::string secret(password->reveal());
  const std::string ca = config.upstream_ca.string();
  const bool tls = config.upstream_tls && !config.upstream_host.starts_with("/");
  const std::array keywords{"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert",
                            "connect_timeout", "application_name", "client_encoding", static_cast<const char*>(nullptr)};
  const std::array values{config.upstream_host.c_str(), port.c_str(), config.upstream_user.c_str(), secret.c_str(),
                          database.c_str(), tls ? "verify-full" : "disable", tls && !ca.empty() ? ca.c_str() : "",
                          "5", "pgward catalog", "UTF8", static_cast<const char*>(nullptr)};
  Connection connection(PQconnectdbParams(keywords.data(), values.data(), 0));
  OPENSSL_cleanse(const_cast<char*>(secret.data()), secret.size());
  if (!connection) return "out of memory";
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    std::string error = PQerrorMessage(connection.get());
    while (error.ends_with('\n')) error.pop_back();
    for (char& c : error)
      if (c == '\n') c = ' ';
    return error;
  }
  return connection;
}

}  // namespace pgward::proxy
