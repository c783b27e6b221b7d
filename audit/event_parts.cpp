#include "audit/event_parts.h"

namespace pgward::audit {

void append_source(JsonMembers& members, const Source& source) {
  auto src = members.object("src");
  src.text("ip", source.address).number("port", std::uint64_t{source.port});
  src.text("app", source.application).text("tls", source.tls);
}

void append_statement_text(JsonMembers& members, std::string_view sha256_hex, std::size_t bytes) {
  members.object("sql").text("sha256", sha256_hex).number("bytes", std::uint64_t{bytes});
}

}  // namespace pgward::audit
