#include "proxy/session/key_text.h"

#include <charconv>

#include "policy/plan.h"

namespace pgward::proxy {
namespace {

using policy::KeyType;

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const char each : bytes) value = value << 8 | static_cast<unsigned char>(each);
  return value;
}

// Sign-extended from its own width.
std::optional<std::int64_t> integer(ByteView bytes) {
  const std::uint64_t value = big_endian(bytes);
  switch (bytes.size()) {
    case 2: return static_cast<std::int16_t>(value);
    case 4: return static_cast<std::int32_t>(value);
    case 8: return static_cast<std::int64_t>(value);
    default: return std::nullopt;
  }
}

bool is_integer(KeyType type) { return type == KeyType::int2 || type == KeyType::int4 || type == KeyType::int8; }

std::size_t width(KeyType type) { return type == KeyType::int2 ? 2 : type == KeyType::int4 ? 4 : 8; }

void append_uuid(std::string& out, ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

policy::TenantType tenant_type(KeyType type) {
  switch (type) {
    case KeyType::int2: return policy::TenantType::int2;
    case KeyType::int4: return policy::TenantType::int4;
    case KeyType::int8: return policy::TenantType::int8;
    case KeyType::uuid: return policy::TenantType::uuid;
    default: return policy::TenantType::text;
  }
}

// What pg_type calls them. A parameter of another type may be made into something else.
bool fits(KeyType type, std::uint32_t oid, bool array) {
  switch (oid) {
    case 0: case 705: return true;
    case 21: case 23: case 20: return !array && is_integer(type);
    case 25: case 1043: return !array;
    case 2950: return !array && type == KeyType::uuid;
    case 1005: case 1007: case 1016: return array && is_integer(type);
    case 1009: case 1015: return array;
    case 2951: return array && type == KeyType::uuid;
    default: return false;
  }
}

// {a,b}: elements without quotes, backslashes and dimensions of their own.
bool text_array(KeyType type, ByteView text, std::vector<std::string>& out) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  text = text.substr(1, text.size() - 2);
  if (text.empty()) return true;
  if (text.find_first_of("{}\\") != ByteView::npos) return false;
  while (true) {
    const std::size_t comma = text.find(',');
    ByteView one = text.substr(0, comma);
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"') one = one.substr(1, one.size() - 2);
    else if (one == "NULL") one = {};
    else if (one.empty() || one.find_first_of(" \t\n\r\v\f") != ByteView::npos) return false;
    if (one.find('"') != ByteView::npos) return false;
    if (one.data() != nullptr) {
      auto key = key_of_text(type, one);
      if (!key || out.size() >= kKeyListMax) return false;
      out.push_back(std::move(*key));
    }
    if (comma == ByteView::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

// Dimensions, flags, type of the elements, (count, lower bound) a dimension, (length, bytes) an element.
bool binary_array(KeyType type, ByteView bytes, std::vector<std::string>& out) {
  const auto word = [&]() -> std::optional<std::int32_t> {
    if (bytes.size() < 4) return std::nullopt;
    const auto value = static_cast<std::int32_t>(big_endian(bytes.substr(0, 4)));
    bytes.remove_prefix(4);
    return value;
  };
  const auto dimensions = word();
  const auto flags = word();
  const auto element = word();
  if (!dimensions || !flags || !element || *dimensions < 0 || *dimensions > 6 || *element <= 0) return false;
  std::int64_t count = *dimensions == 0 ? 0 : 1;
  for (std::int32_t i = 0; i < *dimensions; ++i) {
    const auto size = word();
    if (!size || !word() || *size < 0 || (count *= *size) > static_cast<std::int64_t>(kKeyListMax)) return false;
  }
  for (; count > 0; --count) {
    const auto size = word();
    if (!size || *size < -1 || (*size >= 0 && static_cast<std::size_t>(*size) > bytes.size())) return false;
    if (*size < 0) continue;
    auto key = key_of_parameter(type, static_cast<std::uint32_t>(*element), true, bytes.substr(0, static_cast<std::size_t>(*size)));
    if (!key || out.size() >= kKeyListMax) return false;
    out.push_back(std::move(*key));
    bytes.remove_prefix(static_cast<std::size_t>(*size));
  }
  return bytes.empty();
}

}  // namespace

bool key_of_row(KeyType type, bool binary, ByteView value, std::string& out) {
  out.clear();
  if (value.size() > kKeyBytesMax || type == KeyType::unsupported) return false;
  if (!binary || type == KeyType::text) return out.assign(value), true;
  if (type == KeyType::uuid) return value.size() == 16 && (append_uuid(out, value), true);
  if (value.size() != width(type)) return false;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, *integer(value)).ptr;
  out.assign(digits, end);
  return true;
}

std::optional<std::string> key_of_text(KeyType type, ByteView text) {
  if (text.size() > kKeyBytesMax || type == KeyType::unsupported) return std::nullopt;
  return policy::canonical(tenant_type(type), text);
}

std::optional<std::string> key_of_parameter(KeyType type, std::uint32_t oid, bool binary, ByteView value) {
  if (!fits(type, oid, false)) return std::nullopt;
  if (!binary || type == KeyType::text) return key_of_text(type, value);
  // Of a parameter that is declared as text the bytes are text, whatever it is compared with.
  if (oid == 25 || oid == 1043) return key_of_text(type, value);
  std::string out;
  if (type == KeyType::uuid) return value.size() == 16 ? (append_uuid(out, value), std::optional(out)) : std::nullopt;
  if (!is_integer(type)) return std::nullopt;
  const auto number = integer(value);
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

bool keys_of_array(KeyType type, std::uint32_t oid, bool binary, ByteView value, std::vector<std::string>& out) {
  if (!fits(type, oid, true)) return false;
  return binary ? binary_array(type, value, out) : text_array(type, value, out);
}

}  // namespace pgward::proxy
