#include "auth/jwt_claims.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "auth/text_checks.h"

namespace pgward::auth {
namespace {

constexpr UnixTime kYear10000 = 253402300800;  // beyond it, a number is no date but an attack on arithmetic

// NumericDate (RFC 7519, 2): a number of seconds. Some issuers write 1.7e9, so a double is taken if it is
// whole.
std::optional<UnixTime> date_of(const Json& value) {
  if (value.is_number_unsigned()) {
    const auto seconds = value.get<std::uint64_t>();
    if (seconds < static_cast<std::uint64_t>(kYear10000)) return static_cast<UnixTime>(seconds);
    return std::nullopt;
  }
  if (!value.is_number_float()) return std::nullopt;  // also negative integers
  const auto seconds = value.get<double>();
  if (!(seconds >= 0 && seconds < static_cast<double>(kYear10000))) return std::nullopt;
  const auto whole = static_cast<UnixTime>(seconds);
  if (static_cast<double>(whole) < seconds) return std::nullopt;
  return whole;
}

std::variant<UnixTime, JwtError> required_date(const Json& payload, std::string_view name) {
  const Json* value = member(payload, name);
  if (value == nullptr) return JwtError::missing_claim;
  const auto date = date_of(*value);
  if (!date) return JwtError::bad_claim_type;
  return *date;
}

std::optional<JwtError> check_audience(const Json& payload, const IssuerConfig& config) {
  const Json* audience = member(payload, "aud");
  if (audience == nullptr) return JwtError::missing_claim;
  if (audience->is_string())
    return *audience == config.audience ? std::nullopt : std::optional{JwtError::wrong_audience};
  if (!audience->is_array()) return JwtError::bad_claim_type;
  bool ours = false;
  for (const Json& entry : *audience) {
    if (!entry.is_string()) return JwtError::bad_claim_type;
    ours = ours || entry == config.audience;
  }
  return ours ? std::nullopt : std::optional{JwtError::wrong_audience};
}

// The skew forgives a clock that runs ahead of ours. It does not stretch exp: the session ends with the
// credential, so a token past it would only buy a session that is over.
std::optional<JwtError> check_times(const Json& payload, const IssuerConfig& config, UnixTime now,
                                    Identity& identity) {
  const auto expires = required_date(payload, "exp");
  if (const auto* error = std::get_if<JwtError>(&expires)) return *error;
  const auto issued = required_date(payload, "iat");
  if (const auto* error = std::get_if<JwtError>(&issued)) return *error;
  const UnixTime expires_at = std::get<UnixTime>(expires);
  const UnixTime issued_at = std::get<UnixTime>(issued);
  UnixTime not_before = 0;
  if (payload.contains("nbf")) {
    const auto date = required_date(payload, "nbf");
    if (const auto* error = std::get_if<JwtError>(&date)) return *error;
    not_before = std::get<UnixTime>(date);
  }
  if (now >= expires_at || expires_at <= issued_at) return JwtError::expired;
  if (not_before - config.clock_skew_s > now) return JwtError::not_yet_valid;
  if (issued_at - config.clock_skew_s > now) return JwtError::issued_in_future;
  if (expires_at - issued_at > config.lifetime_max_s) return JwtError::lifetime_too_long;
  identity.issued_at = issued_at;
  identity.expires_at = expires_at;
  return std::nullopt;
}

bool is_clean_text(const Json& value) {
  return value.is_string() && !has_control_character(value.get_ref<const std::string&>());
}

std::optional<JwtError> check_subject(const Json& payload, Identity& identity) {
  const Json* subject = member(payload, "sub");
  if (subject == nullptr) return JwtError::missing_claim;
  if (!is_clean_text(*subject)) return JwtError::bad_claim_type;
  identity.subject = subject->get<std::string>();
  if (identity.subject.empty()) return JwtError::empty_subject;
  if (const Json* id = member(payload, "jti"); id != nullptr) {
    if (!is_clean_text(*id)) return JwtError::bad_claim_type;
    identity.credential_id = id->get<std::string>();
  }
  return std::nullopt;
}

// Sorted and each once: "the only role of the token" must not depend on how often it is said.
std::optional<JwtError> check_roles(const Json& payload, const IssuerConfig& config, Identity& identity) {
  const Json* roles = member(payload, config.roles_claim);
  if (roles == nullptr) return JwtError::no_role;
  if (roles->is_string() && roles->get_ref<const std::string&>().empty()) return JwtError::no_role;
  const Json list = roles->is_array() ? *roles : Json::array({*roles});
  for (const Json& role : list) {
    if (!is_clean_text(role) || role.get_ref<const std::string&>().empty()) return JwtError::bad_claim_type;
    identity.roles.push_back(role.get<std::string>());
  }
  std::sort(identity.roles.begin(), identity.roles.end());
  identity.roles.erase(std::unique(identity.roles.begin(), identity.roles.end()), identity.roles.end());
  return identity.roles.empty() ? std::optional{JwtError::no_role} : std::nullopt;
}

// An array of strings (RFC 8176, section 1); some providers send one string.
std::optional<JwtError> check_methods(const Json& payload, Identity& identity) {
  const Json* methods = member(payload, "amr");
  if (methods == nullptr) return std::nullopt;
  const Json list = methods->is_array() ? *methods : Json::array({*methods});
  for (const Json& method : list) {
    if (!is_clean_text(method)) return JwtError::bad_claim_type;
    identity.amr.push_back(method.get<std::string>());
  }
  return std::nullopt;
}

// Nothing for arrays, objects, null and fractions: they have no one text.
std::optional<std::string> text_of_scalar(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_integer()) return value.dump();
  return std::nullopt;
}

// An empty text is no claim: whoever looks for a tenant then finds it missing, not one that is called "".
std::optional<JwtError> collect_claims(const Json& payload, Identity& identity) {
  for (const auto& [name, value] : payload.items()) {
    auto text = text_of_scalar(value);
    if (!text || text->empty()) continue;
    if (has_control_character(name) || has_control_character(*text)) return JwtError::bad_claim_type;
    identity.claims.emplace(name, *std::move(text));
  }
  return std::nullopt;
}

}  // namespace

std::variant<Identity, JwtError> check_claims(const Json& payload, const IssuerConfig& config, UnixTime now) {
  Identity identity;
  identity.issuer = config.issuer;
  identity.credential_type = "jwt";
  if (const auto error = check_audience(payload, config)) return *error;
  if (const auto error = check_times(payload, config, now, identity)) return *error;
  if (const auto error = check_subject(payload, identity)) return *error;
  if (const auto error = check_roles(payload, config, identity)) return *error;
  if (const auto error = check_methods(payload, identity)) return *error;
  if (const auto error = collect_claims(payload, identity)) return *error;
  return identity;
}

}  // namespace pgward::auth
