#include "policy/file.h"

#include <openssl/sha.h>

#include "policy/file_parts.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/parse.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string out;
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

void read_version(const yaml::Mapping& top, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Node* node = top.require("version");
  if (node == nullptr) return;
  if (const auto version = yaml::integer(*node, "version", {1, 1}, mistakes))
    policy.version = static_cast<int>(*version);
}

void read_mode(const yaml::Mapping& top, Policy& policy, yaml::Mistakes& mistakes) {
  if (const yaml::Node* node = top.find("mode"))
    policy.mode = yaml::choice<Mode>(
                      *node, "mode",
                      {{"rls+predicate", Mode::rls_and_predicate}, {"predicate", Mode::predicate}}, mistakes)
                      .value_or(policy.mode);
}

void read_default(const yaml::Mapping& top, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Node* node = top.find("default");
  if (node == nullptr) return;
  policy.unlisted =
      yaml::choice<Unlisted>(*node, "default", {{"refuse", Unlisted::refuse}, {"allow", Unlisted::allow}},
                             mistakes)
          .value_or(Unlisted::refuse);
  // With some tables protected, "allow" for the rest would open views, functions and partitions of them.
  if (policy.unlisted == Unlisted::allow && !policy.tables.empty())
    mistakes.add(*node,
                 "default: allow protects nothing and cannot stand beside tables; list what may be read as "
                 "shared: read");
}

void read_sections(const yaml::Node& root, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Mapping top(
      root, "a policy",
      {"version", "mode", "tenant", "default", "missing_tenant", "tables", "functions", "roles", "scrub"}, mistakes);
  read_version(top, policy, mistakes);
  read_mode(top, policy, mistakes);
  if (const auto* node = top.find("tenant")) read_tenant(*node, policy, mistakes);
  auto missing_tenant = MissingTenant::fill;
  if (const auto* node = top.find("missing_tenant"))
    missing_tenant = read_missing_tenant(*node, mistakes).value_or(missing_tenant);
  if (const auto* node = top.find("tables")) read_tables(*node, missing_tenant, policy, mistakes);
  read_default(top, policy, mistakes);
  if (const auto* node = top.find("functions")) read_functions(*node, policy, mistakes);
  if (const auto* node = top.find("roles")) read_roles(*node, policy, mistakes);
  if (const auto* node = top.find("scrub")) read_scrub(*node, policy, mistakes);
  if (top.find("tables") != nullptr && top.find("roles") == nullptr)
    mistakes.add(root, "a policy with tables needs roles: nobody could do anything");
}

}  // namespace

Loaded load_policy(std::string_view yaml, std::string file_name) {
  yaml::Mistakes mistakes(std::move(file_name));
  Policy policy;
  if (const auto root = yaml::parse(yaml, mistakes)) read_sections(*root, policy, mistakes);
  if (!mistakes.empty()) return {std::nullopt, mistakes.take()};
  policy.source_sha256 = sha256_hex(yaml);
  return {std::move(policy), {}};
}

}  // namespace pgward::policy
