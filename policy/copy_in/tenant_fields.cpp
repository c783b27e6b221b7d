#include "policy/copy_in/tenant_fields.h"

namespace pgward::policy {
namespace {

// Room for the longest tenant value with every byte written as \ooo, and for a number with zeros in front.
constexpr std::size_t kRawBytesMax = 4096;

int octal_digit(char c) {
  return c >= '0' && c <= '7' ? c - '0' : -1;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// \b and its like; any other byte stands for itself.
char escaped_letter(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

// Up to `digits_max` digits from raw[at] on, which is moved behind them.
template <typename Digit>
char number_escape(std::string_view raw, std::size_t& at, unsigned base, int digits_max, Digit digit) {
  unsigned value = 0;
  for (int count = 0; count < digits_max && at < raw.size() && digit(raw[at]) >= 0; ++count, ++at)
    value = value * base + static_cast<unsigned>(digit(raw[at]));
  return static_cast<char>(value & 0xFFU);
}

}  // namespace

std::string copy_text_value(std::string_view raw) {
  std::string value;
  value.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const char c = raw[at++];
    if (c != '\\') {
      value += c;
      continue;
    }
    if (at == raw.size()) break;  // a backslash at the end of the data is dropped
    if (octal_digit(raw[at]) >= 0) {
      value += number_escape(raw, at, 8, 3, octal_digit);
    } else if (raw[at] == 'x' && at + 1 < raw.size() && hex_digit(raw[at + 1]) >= 0) {
      value += number_escape(raw, ++at, 16, 2, hex_digit);
    } else {
      value += escaped_letter(raw[at++]);
    }
  }
  return value;
}

std::string copy_csv_value(std::string_view raw, char quote, char escape) {
  std::string value;
  value.reserve(raw.size());
  bool quoted = false;
  for (std::size_t at = 0; at < raw.size();) {
    const char c = raw[at++];
    if (!quoted) {
      quoted = c == quote;
      if (!quoted) value += c;
      continue;
    }
    if (c == escape && at < raw.size() && (raw[at] == escape || raw[at] == quote)) {
      value += raw[at++];
      continue;
    }
    // After the escape: the two may be one and the same byte.
    quoted = c != quote;
    if (quoted) value += c;
  }
  return value;
}

TenantFields::TenantFields(const CopyIn& copy, const TenantValues& own)
    : format_(copy.format),
      quote_(copy.quote),
      escape_(copy.escape),
      null_marker_(copy.null_marker),
      default_marker_(copy.default_marker) {
  for (const CopyTenantField& each : copy.tenant) {
    const std::string* value = own.find(each.attribute);
    tenant_.push_back({each.field, each.type, value != nullptr ? *value : std::string(), value != nullptr});
  }
}

bool TenantFields::add(std::string_view bytes) {
  if (bytes.size() > kRawBytesMax - raw_.size()) return false;
  raw_ += bytes;
  return true;
}

bool TenantFields::matches(const std::optional<std::string>& value) {
  const Wanted& wanted = tenant_[next_++];
  raw_.clear();
  return value && wanted.known && *value == wanted.own;
}

// The server looks for its markers in the raw bytes, and in CSV, depending on FORCE_NULL and FORCE_NOT_NULL,
// in the value too. Whatever looks like one is not taken for a tenant.
bool TenantFields::own() {
  const TenantType type = tenant_[next_].type;
  const std::string value =
      format_ == CopyFormat::csv ? copy_csv_value(raw_, quote_, escape_) : copy_text_value(raw_);
  const auto is = [&](const std::string& marker) { return raw_ == marker || value == marker; };
  if (is(null_marker_) || (default_marker_ && is(*default_marker_))) return matches(std::nullopt);
  return matches(canonical(type, value));
}

bool TenantFields::end_binary_field(bool null) {
  const bool good =
      !wanted() || matches(null ? std::nullopt : canonical_binary(tenant_[next_].type, 0, raw_));
  ++field_;
  return good;
}

}  // namespace pgward::policy
