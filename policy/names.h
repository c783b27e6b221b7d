// Names of catalog objects as the server sees them: folded, unquoted, at most 63 bytes.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace pgward::policy {

// A schema-qualified relation (or function) name.
struct RelationName {
  std::string schema;
  std::string name;
  auto operator<=>(const RelationName&) const = default;
  // schema.name, each part quoted where SQL needs it.
  std::string sql() const;
  // schema.name without quotes, for people and records.
  std::string text() const { return schema + "." + name; }
};

// An identifier as SQL text: quoted unless it is a plain lower-case word that is no keyword (or one that
// is a name everywhere), as the server's quote_ident() does. Throws like quote_literal().
std::string quote_identifier(std::string_view name);
// A string constant as SQL text, for sessions with standard_conforming_strings = on: '..' with
// quotes doubled. The text must be valid UTF-8 without NUL; throws std::invalid_argument otherwise.
std::string quote_literal(std::string_view text);

// Schemas of the server itself: pg_catalog, information_schema, pg_toast, temporary ones.
bool belongs_to_server(std::string_view schema);

}  // namespace pgward::policy
