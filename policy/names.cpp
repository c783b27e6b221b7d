#include "policy/names.h"

#include <algorithm>
#include <stdexcept>

#include "policy/keywords.h"
#include "protocol/utf8.h"

namespace pgward::policy {
namespace {

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}

bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9');
}

bool is_plain_word(std::string_view name) {
  return !name.empty() && starts_word(name.front()) && std::all_of(name.begin(), name.end(), continues_word);
}

// A NUL would end the statement early, and bytes that are not UTF-8 could swallow the closing quote.
void require_text(std::string_view text) {
  if (text.find('\0') != text.npos || !protocol::is_valid_utf8(text))
    throw std::invalid_argument("text cannot be quoted for SQL");
}

std::string enclose(std::string_view text, char quote) {
  require_text(text);
  std::string out;
  out.reserve(text.size() + 2);
  out += quote;
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
  return out;
}

}  // namespace

std::string RelationName::sql() const {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string quote_identifier(std::string_view name) {
  if (is_plain_word(name) && !needs_quotes_as_keyword(name)) return std::string(name);
  return enclose(name, '"');
}

// No backslash needs care here: with standard_conforming_strings = on it is an ordinary byte, and every
// upstream session is pinned to that.
std::string quote_literal(std::string_view text) {
  return enclose(text, '\'');
}

bool belongs_to_server(std::string_view schema) {
  return schema == "information_schema" || schema.starts_with("pg_");
}

}  // namespace pgward::policy
