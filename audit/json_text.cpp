#include "audit/json_text.h"

#include <array>
#include <charconv>

#include "audit/utf8.h"

namespace pgward::audit {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void append_escape(std::string& out, unsigned code) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[code >> 4];
  out += kDigits[code & 15];
}

bool plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' &&
         static_cast<unsigned char>(c) < 0x7F;
}

// The character at `at`, which is not plain ASCII; how many bytes it took.
std::size_t append_special(std::string& out, std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte == '"' || byte == '\\') {
    out += '\\';
    out += text[at];
    return 1;
  }
  const std::size_t length = utf8_character(text, at);
  if (length == 0) {
    out += kReplacement;
    return 1;
  }
  if (byte < 0x20 || byte == 0x7F)
    append_escape(out, byte);
  else if (byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0)
    append_escape(out, static_cast<unsigned char>(text[at + 1]));
  else
    out += text.substr(at, length);
  return length;
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && plain(text[end])) ++end;
    out += text.substr(at, end - at);
    at = end < text.size() ? end + append_special(out, text, end) : end;
  }
  out += '"';
}

void append_number(std::string& out, std::uint64_t value) {
  append_integer(out, value);
}
void append_number(std::string& out, std::int64_t value) {
  append_integer(out, value);
}

void JsonMembers::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonMembers& JsonMembers::name(std::string_view member) {
  comma();
  append_json_string(out_, member);
  out_ += ':';
  return *this;
}

JsonMembers& JsonMembers::text(std::string_view member, std::string_view value) {
  name(member);
  append_json_string(out_, value);
  return *this;
}

JsonMembers& JsonMembers::number(std::string_view member, std::uint64_t value) {
  name(member);
  append_integer(out_, value);
  return *this;
}

JsonMembers& JsonMembers::number(std::string_view member, std::int64_t value) {
  name(member);
  append_integer(out_, value);
  return *this;
}

JsonMembers& JsonMembers::boolean(std::string_view member, bool value) {
  name(member);
  out_ += value ? "true" : "false";
  return *this;
}

JsonMembers& JsonMembers::texts(std::string_view member, const std::vector<std::string>& values) {
  name(member);
  char before = '[';
  for (const std::string& value : values) {
    out_ += before;
    append_json_string(out_, value);
    before = ',';
  }
  out_ += values.empty() ? "[]" : "]";
  return *this;
}

JsonMembers& JsonMembers::rendered(std::string_view members) {
  if (members.empty()) return *this;
  comma();
  out_ += members;
  return *this;
}

JsonMembers JsonMembers::object(std::string_view member) {
  name(member);
  out_ += '{';
  return JsonMembers(out_, true);
}

}  // namespace pgward::audit
