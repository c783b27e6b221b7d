#include "proxy/upstream/connect.h"

#include <array>

#include "proxy/net/tls_context.h"

namespace pgward::proxy {
namespace {

std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// libpq names host and user in its messages, never the password; but a text that cannot be taken apart is
// shown in part, and that part may be one.
bool can_be_parsed(const std::string& conninfo) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(conninfo.c_str(), &message));
  PQfreemem(message);
  return options != nullptr;
}

}  // namespace

std::variant<Connection, std::string> connect_upstream(const Config& config, const std::string& database,
                                                       const UpstreamLoginFiles& login) {
  auto password = upstream_password(login);
  if (!password) return "the upstream password cannot be read";
  const std::string port = std::to_string(config.upstream_port);
  const std::string secret(password->reveal());
  const std::string ca = config.upstream_ca.empty() ? system_authorities() : config.upstream_ca.string();
  const bool tls = config.upstream_tls && !config.upstream_host.starts_with("/");
  // gssencmode: libpq would rather have GSSAPI's encryption, with whoever answers, than the TLS that we verify.
  const std::array keywords{"host", "port", "user", "password", "dbname", "sslmode", "gssencmode", "sslrootcert",
                            "sslcert", "sslkey", "connect_timeout", "application_name", "client_encoding", static_cast<const char*>(nullptr)};
  const std::array values{config.upstream_host.c_str(), port.c_str(), login.user.c_str(), secret.c_str(),
                          database.c_str(), tls ? "verify-full" : "disable", "disable", tls ? ca.c_str() : "",
                          login.certificate.c_str(), login.key.c_str(),
                          "5", "pgward catalog", "UTF8", static_cast<const char*>(nullptr)};
  Connection connection(PQconnectdbParams(keywords.data(), values.data(), 0));
  OPENSSL_cleanse(const_cast<char*>(secret.data()), secret.size());
  if (!connection) return "out of memory";
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return one_line(PQerrorMessage(connection.get()));
  }
  return connection;
}

std::variant<Connection, std::string> connect_by_conninfo(const std::string& conninfo) {
  if (!can_be_parsed(conninfo)) return "the connection settings of the upstream cannot be understood";
  Connection connection(PQconnectdb(conninfo.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return "cannot connect to the upstream: " + one_line(PQerrorMessage(connection.get()));
  if (PQsetClientEncoding(connection.get(), "UTF8") != 0) return "the upstream does not speak UTF8";
  return connection;
}

}  // namespace pgward::proxy
