#include "proxy/session/own_statement.h"

#include <algorithm>
#include <array>

namespace pgward::proxy {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(OwnSetting::count_)> kNames{
    "pgward.identity", "pgward.subject", "pgward.issuer",     "pgward.role",
    "pgward.tenant",   "pgward.expires", "pgward.credential", "pgward.session",
    "pgward.break_glass"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// As the server's scanner has it.
bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

bool token_character(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_' || c == '.' || c == '=';
}

bool word_character(char c) { return token_character(c) && c != '-' && c != '='; }

class Text {
 public:
  explicit Text(std::string_view text) : text_(text) {}
  void spaces() {
    while (!text_.empty() && space(text_.front())) text_.remove_prefix(1);
  }
  // A word, whole and in any case, and the spaces behind it.
  bool word(std::string_view wanted) {
    if (text_.size() < wanted.size() || !std::equal(wanted.begin(), wanted.end(), text_.begin(), [](char a, char b) { return a == lower(b); }))
      return false;
    if (text_.size() > wanted.size() && word_character(text_[wanted.size()])) return false;
    text_.remove_prefix(wanted.size());
    spaces();
    return true;
  }
  bool sign(char wanted) {
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(1);
    spaces();
    return true;
  }
  // '...' with nothing in it that would need an escape; nothing when it is anything else.
  std::string_view quoted() {
    if (!text_.starts_with('\'')) return {};
    const auto end = std::find_if_not(text_.begin() + 1, text_.end(), token_character);
    if (end == text_.end() || *end != '\'') return {};
    const std::string_view inside(text_.begin() + 1, end);
    text_.remove_prefix(inside.size() + 2);
    spaces();
    return inside;
  }
  bool ends() {
    sign(';');
    return text_.empty();
  }

 private:
  std::string_view text_;
};

}  // namespace

std::string_view name_of(OwnSetting setting) { return kNames.at(static_cast<std::size_t>(setting)); }

std::optional<OwnStatement> own_statement(std::string_view sql) {
  Text text(sql);
  text.spaces();
  if (text.word("show")) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      if (!text.word(kNames[i])) continue;
      if (!text.ends()) return std::nullopt;
      return OwnStatement{static_cast<OwnSetting>(i), {}, {}};
    }
    return std::nullopt;
  }
  if (!text.word("set")) return std::nullopt;
  text.word("session");
  OwnStatement own;
  if (text.word("pgward.sign_off")) own.sets = OwnChange::Kind::sign_off;
  else if (!text.word("pgward.token")) return std::nullopt;
  if (!text.sign('=') && !text.word("to")) return std::nullopt;
  own.value = text.quoted();
  if (!text.ends()) own.value = {};
  return own;
}

}  // namespace pgward::proxy
