#include "auth/scram_message.h"

#include <algorithm>
#include <charconv>

#include "auth/base64.h"

namespace pgward::auth {
namespace {

constexpr std::size_t kTextBytesMax = 4096;
constexpr std::size_t kSaltBytesMax = 1024;

// Takes "<name>=<value>" off the front, up to ',' or the end.
std::optional<std::string_view> take_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const std::size_t comma = text.find(',');
  const std::string_view value = text.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma);
  return value;
}

bool take_comma(std::string_view& text) {
  if (!text.starts_with(',')) return false;
  text.remove_prefix(1);
  return true;
}

// posit-number: no sign, no leading zero.
std::optional<std::uint32_t> count_of(std::string_view digits) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.starts_with('0'))
    return std::nullopt;
  return count;
}

}  // namespace

bool is_scram_nonce(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ','; });
}

std::optional<ServerFirst> parse_server_first(std::string_view text) {
  if (text.size() > kTextBytesMax) return std::nullopt;
  const auto nonce = take_attribute(text, 'r');
  if (!nonce || !is_scram_nonce(*nonce) || !take_comma(text)) return std::nullopt;
  const auto salt_text = take_attribute(text, 's');
  if (!salt_text || !take_comma(text)) return std::nullopt;
  auto salt = base64_decode(*salt_text);
  if (!salt || salt->empty() || salt->size() > kSaltBytesMax) return std::nullopt;
  const auto iterations_text = take_attribute(text, 'i');
  if (!iterations_text || !text.empty()) return std::nullopt;
  const auto iterations = count_of(*iterations_text);
  if (!iterations) return std::nullopt;
  return ServerFirst{std::string{*nonce}, *std::move(salt), *iterations};
}

}  // namespace pgward::auth
