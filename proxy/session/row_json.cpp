#include "proxy/session/row_json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace pgward::proxy {
namespace {

bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}
  void spaces() {
    while (at_ < text_.size() && space(text_[at_])) ++at_;
  }
  bool take(char c) {
    spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool ends() {
    spaces();
    return at_ == text_.size();
  }
  // With its quotes; empty when there is none.
  std::string_view string() {
    const std::size_t begin = at_;
    if (at_ >= text_.size() || text_[at_] != '"') return {};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') ++at_;
      else if (text_[at_] == '"') return text_.substr(begin, ++at_ - begin);
    }
    return {};
  }
  std::string_view value() {
    spaces();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (string().empty()) return {};
        if (depth == 0) break;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']' || space(c))) break;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) {
        ++at_;
        break;
      }
      ++at_;
    }
    return depth == 0 ? text_.substr(begin, at_ - begin) : std::string_view{};
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// \uXXXX at the front, perhaps the first half of a pair; false: none.
bool unit(std::string_view& rest, std::uint32_t& code) {
  if (!rest.starts_with("\\u") || rest.size() < 6) return false;
  const auto [end, error] = std::from_chars(rest.data() + 2, rest.data() + 6, code, 16);
  if (error != std::errc{} || end != rest.data() + 6) return false;
  rest.remove_prefix(6);
  return true;
}

bool append_escape(std::string& out, std::string_view& rest) {
  std::uint32_t code = 0;
  if (unit(rest, code)) {
    std::uint32_t low = 0;
    if (code >= 0xD800 && code < 0xDC00 && unit(rest, low) && low >= 0xDC00 && low < 0xE000) code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    append_utf8(out, code);
    return true;
  }
  if (rest.size() < 2) return false;
  static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
  const std::size_t which = kLetters.find(rest[1]);
  if (which == std::string_view::npos) return false;
  out += kMeant[which];
  rest.remove_prefix(2);
  return true;
}

}  // namespace

std::optional<std::vector<JsonField>> json_fields(std::string_view object) {
  Cutter cutter(object);
  std::vector<JsonField> fields;
  if (!cutter.take('{')) return std::nullopt;
  if (cutter.take('}')) return cutter.ends() ? std::optional(std::move(fields)) : std::nullopt;
  do {
    cutter.spaces();
    auto name = json_text(cutter.string());
    if (!name || !cutter.take(':')) return std::nullopt;
    const std::string_view value = cutter.value();
    if (value.empty()) return std::nullopt;
    fields.push_back({std::move(*name), value});
  } while (cutter.take(','));
  if (!cutter.take('}') || !cutter.ends()) return std::nullopt;
  return fields;
}

std::optional<std::string> json_text(std::string_view value) {
  if (value.empty() || value == "null") return std::nullopt;
  if (value.front() != '"') return std::string(value);
  if (value.size() < 2 || value.back() != '"') return std::nullopt;
  std::string_view rest = value.substr(1, value.size() - 2);
  std::string text;
  text.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    text += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (!rest.empty() && !append_escape(text, rest)) return std::nullopt;
  }
  return text;
}

}  // namespace pgward::proxy
