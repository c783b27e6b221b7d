#include "audit/index/json_walk.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace pgward::audit {

std::string_view JsonWalk::text() {
  expect('"');
  if (!ok_) return {};
  for (std::size_t from = 0;;) {
    const std::size_t end = rest_.find('"', from);
    if (end == rest_.npos) break;
    // Behind an odd number of backslashes it is escaped and ends nothing.
    std::size_t escapes = 0;
    while (escapes < end && rest_[end - 1 - escapes] == '\\') ++escapes;
    if (escapes % 2 == 0) {
      const std::string_view found = rest_.substr(0, end);
      rest_.remove_prefix(end + 1);
      return found;
    }
    from = end + 1;
  }
  ok_ = false;
  return {};
}

std::uint64_t JsonWalk::number() {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc{}) ok_ = false;
  else rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return value;
}

void JsonWalk::skip() {
  if (at('"')) return static_cast<void>(text());
  std::size_t depth = 0;
  while (ok_ && !rest_.empty()) {
    const char c = rest_.front();
    if (c == '"') {
      static_cast<void>(text());
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']' || c == ',') {
      if (depth == 0) return;
      if (c != ',' && --depth == 0) {
        rest_.remove_prefix(1);
        return;
      }
    }
    rest_.remove_prefix(1);
  }
  if (depth > 0) ok_ = false;
}

std::string plain_text(std::string_view with_escapes) {
  if (with_escapes.find('\\') == with_escapes.npos) return std::string(with_escapes);
  std::string quoted = "\"";
  quoted += with_escapes;
  quoted += '"';
  const auto parsed = nlohmann::json::parse(quoted, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string();
}

}  // namespace pgward::audit
