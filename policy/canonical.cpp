// canonical() and canonical_binary(): one spelling for each tenant value, so that values can be compared
// as texts. They follow the server's input functions (uuid.c, numutils.c) and know less, never more.
#include <algorithm>
#include <charconv>
#include <limits>

#include "policy/plan.h"
#include "protocol/utf8.h"

namespace pgward::policy {
namespace {

constexpr std::size_t kUuidBytes = 16;

// isspace() of the C locale, which the server's input functions use.
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string uuid_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

// string_to_uuid() of the server: braces around it, and a dash after any group of four digits.
std::optional<std::string> canonical_uuid(std::string_view text) {
  if (text.size() >= 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  std::string bytes;
  while (bytes.size() < kUuidBytes) {
    if (text.size() < 2) return std::nullopt;
    const int high = hex_value(text[0]);
    const int low = hex_value(text[1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
    text.remove_prefix(2);
    const bool dash_may_follow = bytes.size() % 2 == 0 && bytes.size() < kUuidBytes;
    if (dash_may_follow && text.starts_with('-')) text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return uuid_text(bytes);
}

template <typename Int>
bool fits(std::int64_t value) {
  return value >= std::numeric_limits<Int>::min() && value <= std::numeric_limits<Int>::max();
}

std::optional<std::string> in_range(TenantType type, std::int64_t value) {
  if (type == TenantType::int2 && !fits<std::int16_t>(value)) return std::nullopt;
  if (type == TenantType::int4 && !fits<std::int32_t>(value)) return std::nullopt;
  return std::to_string(value);
}

// Decimal only: 0x1F and 1_000 are numbers since PostgreSQL 16 and errors before it.
std::optional<std::string> canonical_integer(TenantType type, std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return in_range(type, value);
}

std::optional<std::string> canonical_text(std::string_view text) {
  if (text.find('\0') != text.npos || !protocol::is_valid_utf8(text)) return std::nullopt;
  return std::string(text);
}

// pg_type.dat; these numbers never change.
enum TypeOid : std::uint32_t {
  kUnspecified = 0,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kUnknown = 705,
  kVarchar = 1043,
  kUuid = 2950
};

std::uint32_t oid_of(TenantType type) {
  switch (type) {
    case TenantType::uuid:
      return kUuid;
    case TenantType::int2:
      return kInt2;
    case TenantType::int4:
      return kInt4;
    case TenantType::int8:
      return kInt8;
    case TenantType::text:
      return kText;
    case TenantType::varchar:
      return kVarchar;
  }
  return kText;
}

bool is_integer(TenantType type) {
  return type == TenantType::int2 || type == TenantType::int4 || type == TenantType::int8;
}

std::optional<std::string> integer_from_network(TenantType type, std::size_t size, std::string_view bytes) {
  if (!is_integer(type) || bytes.size() != size) return std::nullopt;
  std::uint64_t value = (static_cast<unsigned char>(bytes[0]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return in_range(type, static_cast<std::int64_t>(value));
}

}  // namespace

std::optional<std::string> canonical(TenantType type, std::string_view text) {
  if (type == TenantType::uuid) return canonical_uuid(text);
  if (is_integer(type)) return canonical_integer(type, text);
  return canonical_text(text);
}

std::optional<std::string> canonical_binary(TenantType type, std::uint32_t type_oid, std::string_view bytes) {
  // A parameter without a type gets the type of the column that it is compared with or written to.
  if (type_oid == kUnspecified || type_oid == kUnknown) type_oid = oid_of(type);
  switch (type_oid) {
    case kUuid:
      if (type != TenantType::uuid || bytes.size() != kUuidBytes) return std::nullopt;
      return uuid_text(bytes);
    case kInt2:
      return integer_from_network(type, 2, bytes);
    case kInt4:
      return integer_from_network(type, 4, bytes);
    case kInt8:
      return integer_from_network(type, 8, bytes);
    case kText:
    case kVarchar:
      // Binary text is the text itself; the server then casts it with the type's input function.
      return canonical(type, bytes);
    default:
      return std::nullopt;
  }
}

}  // namespace pgward::policy
