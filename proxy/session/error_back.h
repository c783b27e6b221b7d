// What becomes of an ErrorResponse or NoticeResponse on its way back: data values go, error positions are
// mapped to the client's own text, and a failed tenant guard reads as what it is.
#pragma once

#include <optional>
#include <string>

#include "policy/catalog.h"
#include "protocol/error_response.h"
#include "proxy/session/client_error.h"
#include "proxy/session/gate.h"
#include "rules/scrubber.h"

namespace pgward::proxy {

class NoNames : public rules::KnownNames {
 public:
  bool knows(rules::NameKind, std::string_view) const override { return false; }
};

// Names of one catalog version; of none, when there is no catalog.
class CatalogNames : public rules::KnownNames {
 public:
  explicit CatalogNames(const policy::Catalog* catalog) : catalog_(catalog) {}
  bool knows(rules::NameKind kind, std::string_view name) const override;

 private:
  bool knows_bare(rules::NameKind kind, std::string_view name) const;
  const policy::Catalog* catalog_;
};

struct ErrorBack {
  ClientError message;
  std::string sqlstate;     // of what the client gets
  bool fatal = false;
  bool foreign_tenant = false;
};

// `statement`: the one that the message is about, or null. A body that cannot be read becomes an XX000
// without any text of the server's.
ErrorBack error_back(ClientError::Type type, protocol::ByteView body, const Statement* statement, const Caller& caller,
                     const rules::Scrubber& scrubber, const rules::KnownNames& names, const rules::AllowedTexts& allowed);

}  // namespace pgward::proxy
