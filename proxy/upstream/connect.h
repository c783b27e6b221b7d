// A libpq connection to the upstream server, for the catalog: the same server, user and TLS as sessions use.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <variant>

#include "proxy/config/config.h"

namespace pgward::proxy {

struct ConnectionDeleter {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, ConnectionDeleter>;

// The error holds no secret: what libpq says of a failed connection names host and user only.
std::variant<Connection, std::string> connect_upstream(const Config& config, const std::string& database,
                                                       const UpstreamLoginFiles& login);

// For commands of the DBA. `conninfo`: as psql takes it, key=value pairs or a URI; PGPASSWORD and the like count.
std::variant<Connection, std::string> connect_by_conninfo(const std::string& conninfo);

}  // namespace pgward::proxy
