#include "policy/written_names.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "policy/yaml/node.h"
#include "protocol/utf8.h"

namespace pgward::policy {
namespace {

constexpr std::size_t kNameBytesMax = 63;  // NAMEDATALEN - 1: the server cuts what is longer

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9') || c == '$';
}
bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

// Why a name of the catalog cannot be this, or nothing.
std::optional<std::string> wrong_with(std::string_view name) {
  if (name.empty()) return "a name is empty";
  if (name.size() > kNameBytesMax) return "name " + yaml::shown(name) + " is longer than 63 bytes";
  // A NUL, or bytes that are no text, could not be quoted for SQL.
  if (!protocol::is_valid_utf8(name)) return "name " + yaml::shown(name) + " is not a text";
  return std::nullopt;
}

// Takes "..." off the front, quotes doubled inside it; nothing when it does not end.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string name;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      if (i + 1 == rest.size() || rest[i + 1] != '"') {
        rest.remove_prefix(i + 1);
        return name;
      }
      ++i;
    }
    name += rest[i];
  }
  return std::nullopt;
}

std::string take_word(std::string_view& rest) {
  std::size_t length = 0;
  if (!rest.empty() && starts_word(rest.front()))
    while (length < rest.size() && continues_word(rest[length])) ++length;
  std::string word(rest.substr(0, length));
  rest.remove_prefix(length);
  return word;
}

// billing.PatientContact -> billing."PatientContact"; empty when something but capitals is wrong.
std::string with_capitals_quoted(std::string_view written) {
  std::string out;
  while (true) {
    const std::string_view part = written.substr(0, written.find('.'));
    for (const char c : part)
      if (!continues_word(c) && !is_capital(c)) return "";
    const bool any = std::any_of(part.begin(), part.end(), is_capital);
    out += any ? '"' + std::string(part) + '"' : std::string(part);
    if (part.size() == written.size()) return out;
    out += '.';
    written.remove_prefix(part.size() + 1);
  }
}

BadName not_a_name(std::string_view written) {
  if (std::any_of(written.begin(), written.end(), is_capital))
    if (const std::string quoted = with_capitals_quoted(written); !quoted.empty())
      return {"name " + yaml::shown(written) + " has capitals: write it in lower case, or as SQL does: '" +
              quoted + "'"};
  return {yaml::shown(written) +
          " is not a name such as patients, billing.claims or '\"Front Desk\".\"Check-In\"'"};
}

}  // namespace

NameOr<RelationName> relation_name(std::string_view written) {
  std::vector<std::string> parts;
  std::string_view rest = written;
  while (true) {
    const std::size_t before = rest.size();
    std::optional<std::string> part = rest.starts_with('"') ? take_quoted(rest) : take_word(rest);
    if (!part) return BadName{"name " + yaml::shown(written) + " has no closing double quote"};
    if (rest.size() == before) return not_a_name(written);
    if (const auto wrong = wrong_with(*part)) return BadName{*wrong};
    parts.push_back(std::move(*part));
    if (rest.empty()) break;
    if (rest.front() != '.') return not_a_name(written);
    rest.remove_prefix(1);
  }
  if (parts.size() == 1) return RelationName{"public", parts[0]};
  if (parts.size() == 2) return RelationName{parts[0], parts[1]};
  return BadName{"name " + yaml::shown(written) + " has too many parts: write schema.name"};
}

NameOr<std::string> column_name(std::string_view written) {
  std::string name(written);
  if (std::string_view rest = written; rest.starts_with('"')) {
    const auto quoted = take_quoted(rest);
    if (!quoted || !rest.empty())
      return BadName{"column " + yaml::shown(written) + " has no closing double quote"};
    name = *quoted;
  }
  if (const auto wrong = wrong_with(name)) return BadName{*wrong};
  return NameOr<std::string>(boost::system::in_place_value, std::move(name));
}

}  // namespace pgward::policy
