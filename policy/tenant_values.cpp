#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "policy/plan.h"

namespace pgward::policy {
namespace {

// The value is written into every statement once per protected reference.
constexpr std::size_t kValueBytesMax = 256;

std::string tag_of(const std::vector<std::pair<std::string, std::string>>& values) {
  std::string text;
  for (const auto& [name, value] : values) (text += name).append(1, '\0').append(value).append(1, '\0');
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) != 1 || size < 8)
    throw std::runtime_error("no SHA-256");
  std::string tag;
  for (std::size_t i = 0; i < 8; ++i) {
    tag += "0123456789abcdef"[digest[i] >> 4];
    tag += "0123456789abcdef"[digest[i] & 15];
  }
  return tag;
}

}  // namespace

const std::string* TenantValues::find(std::string_view attribute) const {
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const auto& value) { return value.first == attribute; });
  return found == values_.end() ? nullptr : &found->second;
}

std::variant<TenantValues, std::string> tenant_values(
    const Policy& policy, const std::map<std::string, std::string, std::less<>>& claims) {
  TenantValues values;
  for (const TenantAttribute& attribute : policy.tenant) {
    const auto claim = claims.find(attribute.claim);
    if (claim == claims.end()) return "the credential has no claim for tenant attribute " + attribute.name;
    // An empty text is what an unset setting reads as in the database: it must never be somebody's tenant.
    if (claim->second.empty())
      return "the credential's claim for tenant attribute " + attribute.name + " is empty";
    std::optional<std::string> value;
    if (claim->second.size() <= kValueBytesMax) value = canonical(attribute.type, claim->second);
    if (!value)
      return "the credential's claim for tenant attribute " + attribute.name + " is not of its type";
    values.values_.emplace_back(attribute.name, std::move(*value));
  }
  if (!values.values_.empty()) values.tag_ = tag_of(values.values_);
  return values;
}

std::variant<TenantValues, std::string> tenant_values(
    const Policy& policy, std::string_view role, const std::map<std::string, std::string, std::less<>>& claims) {
  const auto found = policy.roles.find(std::string(role));
  if (found == policy.roles.end() || found->second.bound) return tenant_values(policy, claims);
  for (const TenantAttribute& attribute : policy.tenant)
    if (claims.contains(attribute.claim))
      return "the role has no tenant, and the credential has a claim for tenant attribute " + attribute.name;
  return TenantValues{};
}

}  // namespace pgward::policy
