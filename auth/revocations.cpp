#include "auth/revocations.h"

#include <algorithm>

#include "auth/strict_json.h"
#include "auth/text_checks.h"
#include "auth/utc_time.h"

namespace pgward::auth {
namespace {

bool take_text(const Json& value, std::string& into) {
  if (!value.is_string()) return false;
  into = value.get<std::string>();
  return !into.empty() && !has_control_character(into);
}

bool take_tenant(const Json& value, Revocation& into) {
  if (!value.is_object() || value.empty()) return false;
  for (const auto& [name, text] : value.items()) {
    std::string wanted;
    if (!take_text(text, wanted)) return false;
    into.tenant.emplace_back(name, std::move(wanted));
  }
  return true;
}

bool take_before(const Json& value, Revocation& into) {
  std::string text;
  if (!take_text(value, text)) return false;
  into.before = utc_time(text);
  return into.before.has_value();
}

bool take_member(std::string_view name, const Json& value, Revocation& into) {
  if (name == "id") return take_text(value, into.id);
  if (name == "subject") return take_text(value, into.subject);
  if (name == "issuer") return take_text(value, into.issuer);
  if (name == "key") return take_text(value, into.key);
  if (name == "tenant") return take_tenant(value, into);
  if (name == "before") return take_before(value, into);
  if (name == "at") return take_text(value, into.at);
  if (name == "reason") return take_text(value, into.reason);
  return false;  // a word that is not understood may be a condition
}

bool fits(const Revocation& revocation, const Bearer& bearer, const Revocations::Tenant& tenant) {
  const auto any_or = [](const std::string& wanted, const std::string& given) { return wanted.empty() || wanted == given; };
  if (!any_or(revocation.id, bearer.credential_id) || !any_or(revocation.subject, bearer.subject) ||
      !any_or(revocation.issuer, bearer.issuer) || !any_or(revocation.key, bearer.key_id))
    return false;
  if (revocation.before && bearer.issued_at > *revocation.before) return false;
  return std::all_of(revocation.tenant.begin(), revocation.tenant.end(), [&](const auto& wanted) {
    return std::find(tenant.begin(), tenant.end(), wanted) != tenant.end();
  });
}

}  // namespace

std::optional<Revocation> parse_revocation(std::string_view line) {
  if (line.size() > kRevocationLineBytesMax) return std::nullopt;
  auto parsed = parse_strict_json(line, 4);
  const Json* json = std::get_if<Json>(&parsed);
  if (!json || !json->is_object()) return std::nullopt;
  Revocation revocation;
  for (const auto& [name, value] : json->items())
    if (!take_member(name, value, revocation)) return std::nullopt;
  if (revocation.id.empty() && revocation.subject.empty() && revocation.key.empty() && revocation.tenant.empty())
    return std::nullopt;
  return revocation;
}

std::string revocation_line(const Revocation& revocation) {
  Json json = Json::object();
  const auto put = [&](const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
  };
  put("at", revocation.at);
  put("id", revocation.id);
  put("subject", revocation.subject);
  put("issuer", revocation.issuer);
  put("key", revocation.key);
  for (const auto& [name, value] : revocation.tenant) json["tenant"][name] = value;
  if (revocation.before) json["before"] = utc_text(*revocation.before);
  put("reason", revocation.reason);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

void Revocations::add(Revocation revocation) {
  if (!revocation.id.empty()) {
    std::string id = revocation.id;
    by_id_.emplace(std::move(id), std::move(revocation));
  } else if (!revocation.subject.empty()) {
    std::string subject = revocation.subject;
    by_subject_.emplace(std::move(subject), std::move(revocation));
  } else {
    others_.push_back(std::move(revocation));
  }
}

Revocations Revocations::parse(std::string_view text, std::uint64_t version) {
  Revocations list;
  list.version_ = version;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == line.npos) continue;
    if (auto revocation = parse_revocation(line)) {
      list.add(std::move(*revocation));
    } else {
      list.complete_ = false;
      if (list.bad_line_ == 0) list.bad_line_ = number;
    }
  }
  return list;
}

Revocations Revocations::without_file(std::uint64_t version) const {
  Revocations list = *this;
  list.version_ = version;
  list.complete_ = false;
  list.bad_line_ = 0;
  return list;
}

bool Revocations::revoked(const Bearer& bearer, const Tenant& tenant) const {
  const auto any_of_these = [&](const Index& index, const std::string& key) {
    const auto [from, to] = index.equal_range(key);
    return std::any_of(from, to, [&](const auto& entry) { return fits(entry.second, bearer, tenant); });
  };
  return any_of_these(by_id_, bearer.credential_id) || any_of_these(by_subject_, bearer.subject) ||
         std::any_of(others_.begin(), others_.end(), [&](const Revocation& one) { return fits(one, bearer, tenant); });
}

}  // namespace pgward::auth
