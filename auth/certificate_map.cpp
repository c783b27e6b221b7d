#include <algorithm>
#include <array>

#include "auth/certificate.h"

namespace pgward::auth {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(CertificateError::count_)> kNames{
    "certificate: none shown", "certificate: chain not verified", "certificate: bad name", "certificate: not for clients",
    "certificate: not yet valid", "certificate: expired", "certificate: lifetime too long", "certificate: ambiguous name",
    "certificate: unknown name"};

bool letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool captured_character(NameKind kind, char c) {
  return letter_or_digit(c) || c == '-' || c == '_' || (kind == NameKind::email && (c == '.' || c == '+'));
}

// Host names have no case (RFC 4343); the others are compared byte by byte.
std::string folded(NameKind kind, std::string_view name) {
  std::string text(name);
  if (kind == NameKind::dns)
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

std::string_view name_of(CertificateError error) { return kNames.at(static_cast<std::size_t>(error)); }

const std::vector<std::string>& CertificateFacts::names(NameKind kind) const {
  return kind == NameKind::uri ? uris : kind == NameKind::dns ? dns_names : kind == NameKind::email ? emails : common_names;
}

std::variant<std::vector<CertificateMap::Piece>, std::string> CertificateMap::pieces_of(const CertificateRule& rule) {
  std::vector<Piece> pieces;
  std::string_view left = rule.pattern;
  while (!left.empty()) {
    if (left.front() != '{') {
      const std::string_view literal = left.substr(0, left.find('{'));
      if (literal.find('}') != literal.npos) return "\"}\" without \"{\"";
      // What is captured is as long as can be: what follows it must not be able to belong to it.
      if (!pieces.empty() && captured_character(rule.kind, literal.front())) return "after {..} there must be a separator such as / or .";
      pieces.push_back({folded(rule.kind, literal), false});
      left.remove_prefix(literal.size());
      continue;
    }
    const auto end = left.find('}');
    if (end == left.npos) return "\"{\" without \"}\"";
    const std::string name(left.substr(1, end - 1));
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) { return letter_or_digit(c) || c == '_'; }))
      return "expected the name of a claim in braces";
    if (!pieces.empty() && pieces.back().capture) return "two {..} without anything between them";
    if (std::any_of(pieces.begin(), pieces.end(), [&](const Piece& one) { return one.capture && one.text == name; }))
      return "{" + name + "} stands there twice";
    pieces.push_back({name, true});
    left.remove_prefix(end + 1);
  }
  if (pieces.empty()) return "it is empty";
  return pieces;
}

std::variant<CertificateMap, std::string> CertificateMap::create(std::vector<CertificateRule> rules, std::int64_t lifetime_max_s) {
  CertificateMap map;
  map.lifetime_max_s_ = lifetime_max_s;
  for (CertificateRule& rule : rules) {
    auto pieces = pieces_of(rule);
    if (const auto* fault = std::get_if<std::string>(&pieces)) return "pattern \"" + rule.pattern + "\": " + *fault;
    auto& list = std::get<std::vector<Piece>>(pieces);
    if (rule.roles.empty()) return "pattern \"" + rule.pattern + "\": no role";
    for (const std::string& role : rule.roles) {
      const bool known = !role.starts_with('{') || std::any_of(list.begin(), list.end(), [&](const Piece& piece) {
        return piece.capture && role == "{" + piece.text + "}";
      });
      if (!known) return "pattern \"" + rule.pattern + "\": role " + role + " is not in it";
    }
    map.rules_.push_back({std::move(rule), std::move(list)});
  }
  return map;
}

bool CertificateMap::fits(const Rule& rule, std::string_view name, std::map<std::string, std::string, std::less<>>& captured) {
  const std::string text = folded(rule.given.kind, name);
  std::string_view left = text;
  for (const Piece& piece : rule.pieces) {
    if (!piece.capture) {
      if (!left.starts_with(piece.text)) return false;
      left.remove_prefix(piece.text.size());
      continue;
    }
    std::size_t size = 0;
    while (size < left.size() && captured_character(rule.given.kind, left[size])) ++size;
    if (size == 0) return false;
    captured[piece.text] = std::string(left.substr(0, size));
    left.remove_prefix(size);
  }
  return left.empty();
}

std::variant<Identity, CertificateError> CertificateMap::verify(const CertificateFacts& facts, UnixTime now) const {
  if (!facts.for_clients) return CertificateError::not_for_clients;
  if (now < facts.not_before) return CertificateError::not_yet_valid;
  if (now >= facts.not_after) return CertificateError::expired;
  if (facts.not_after - facts.not_before > lifetime_max_s_) return CertificateError::lifetime_too_long;
  for (const Rule& rule : rules_) {
    const auto& names = facts.names(rule.given.kind);
    if (names.empty()) continue;
    if (names.size() > 1) return CertificateError::ambiguous_name;
    std::map<std::string, std::string, std::less<>> captured;
    if (!fits(rule, names.front(), captured)) continue;
    Identity identity;
    identity.issuer = "certificate";
    identity.subject = names.front();
    identity.credential_type = "certificate";
    identity.credential_id = facts.fingerprint;
    identity.key_id = facts.authority;
    identity.issued_at = facts.not_before;
    identity.expires_at = facts.not_after;
    for (const std::string& role : rule.given.roles)
      identity.roles.push_back(role.starts_with('{') ? captured.at(role.substr(1, role.size() - 2)) : role);
    std::sort(identity.roles.begin(), identity.roles.end());
    identity.roles.erase(std::unique(identity.roles.begin(), identity.roles.end()), identity.roles.end());
    identity.claims = std::move(captured);
    for (const auto& [name, value] : rule.given.claims) identity.claims[name] = value;
    return identity;
  }
  return CertificateError::unknown_name;
}

}  // namespace pgward::auth
