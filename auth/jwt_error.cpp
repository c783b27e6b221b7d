#include <array>

#include "auth/jwt.h"

namespace pgward::auth {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, static_cast<std::size_t>(JwtError::count_)> kNames{
    "too_large",          "not_a_jwt",         "bad_base64",      "bad_json",         "duplicate_member",
    "too_deep",           "algorithm_refused", "critical_header", "embedded_key",     "unknown_key",
    "algorithm_mismatch", "bad_signature",     "missing_claim",   "bad_claim_type",   "wrong_issuer",
    "wrong_audience",     "expired",           "not_yet_valid",   "issued_in_future", "lifetime_too_long",
    "empty_subject",      "no_role",
};
static_assert(!kNames.back().empty());

}  // namespace

std::string_view name_of(JwtError error) {
  const auto index = static_cast<std::size_t>(error);
  return index < kNames.size() ? kNames[index] : std::string_view{"unknown"};
}

}  // namespace pgward::auth
