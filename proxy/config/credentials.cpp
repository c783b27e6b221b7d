#include "proxy/config/credentials.h"

#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;
using auth::NameKind;

std::filesystem::path existing(const yaml::Node& node, std::string_view what, const Config& config, yaml::Mistakes& mistakes) {
  const auto text = yaml::text(node, what, mistakes);
  if (!text) return {};
  const auto file = config.file.parent_path() / *text;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) mistakes.add(node, std::string(what) + " does not exist or cannot be reached");
  return file;
}

auth::CertificateRule read_identity(const yaml::Node& node, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "an identity of certificates", {"uri", "dns", "email", "common_name", "roles", "claims"}, mistakes);
  auth::CertificateRule rule;
  const std::pair<const char*, NameKind> kinds[] = {
      {"uri", NameKind::uri}, {"dns", NameKind::dns}, {"email", NameKind::email}, {"common_name", NameKind::common_name}};
  int given = 0;
  for (const auto& [key, kind] : kinds)
    if (const auto* value = map.find(key)) {
      ++given;
      rule.kind = kind;
      rule.pattern = yaml::text(*value, "a name with {claims} in it", mistakes).value_or("");
    }
  if (given != 1 && map.readable()) mistakes.add(node, "expected one of uri, dns, email and common_name");
  if (const auto* value = map.require("roles"))
    for (const yaml::Node* one : yaml::texts(*value, "a role", mistakes)) rule.roles.push_back(one->text);
  if (const auto* value = map.find("claims"))
    yaml::for_each_entry(*value, "the claims of an identity", mistakes, [&](const yaml::Node& name, const yaml::Node& claim) {
      if (auto text = yaml::text(claim, "the value of a claim", mistakes)) rule.claims[name.text] = *text;
    });
  return rule;
}

}  // namespace

void read_ephemeral(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "ephemeral", {"keys", "lifetime_max", "clock_skew"}, mistakes);
  EphemeralFiles files;
  files.place = mistakes.place(node);
  if (const auto* value = map.find("lifetime_max"))
    files.lifetime_max_s = yaml::duration_s(*value, "the longest life of a credential", {1, 24 * 3600}, mistakes).value_or(900);
  if (const auto* value = map.find("clock_skew"))
    files.clock_skew_s = yaml::duration_s(*value, "the clock skew", {0, 300}, mistakes).value_or(30);
  if (const auto* keys = map.require("keys"))
    for (const yaml::Node* item : yaml::one_or_many(*keys)) {
      yaml::Mapping one(*item, "a key", {"id", "file"}, mistakes);
      EphemeralFiles::Key key;
      key.place = mistakes.place(*item);
      if (const auto* value = one.require("id")) key.id = yaml::text(*value, "the id of a key", mistakes).value_or("");
      if (const auto* value = one.require("file")) key.file = existing(*value, "the key file", config, mistakes);
      files.keys.push_back(std::move(key));
    }
  config.ephemeral = std::move(files);
}

void read_oauth(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "oauth", {"issuer", "scope"}, mistakes);
  if (const auto* value = map.find("issuer")) config.oauth_issuer = yaml::text(*value, "the issuer", mistakes).value_or("");
  if (const auto* value = map.find("scope")) config.oauth_scope = yaml::text(*value, "the scope", mistakes).value_or("openid");
}

void read_strength(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::for_each_entry(node, "strength", mistakes, [&](const yaml::Node& role, const yaml::Node& value) {
    yaml::Mapping map(value, "the strength that a role asks for", {"amr", "acr"}, mistakes);
    auth::Strength strength;
    const auto read = [&](const char* key, std::vector<std::string>& into) {
      if (const auto* list = map.find(key))
        for (const yaml::Node* one : yaml::texts(*list, "a value of the claim", mistakes)) into.push_back(one->text);
    };
    read("amr", strength.amr);
    read("acr", strength.acr);
    if (strength.amr.empty() && strength.acr.empty() && map.readable()) mistakes.add(value, "expected amr, acr or both");
    config.strength[role.text] = std::move(strength);
  });
}

void read_key_set(const yaml::Node& node, IssuerFile& issuer, const Config& config, yaml::Mistakes& mistakes) {
  if (!node.text.starts_with("http")) {
    issuer.jwks = existing(node, "the JWKS file", config, mistakes);
    return;
  }
  issuer.jwks_url = yaml::text(node, "the address of a key set", mistakes).value_or("");
  if (!issuer.jwks_url.starts_with("https://")) mistakes.add(node, "a key set comes by https only");
}

void read_certificates(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "certificates", {"ca", "crl", "lifetime_max", "identities"}, mistakes);
  CertificateFiles files;
  files.place = mistakes.place(node);
  if (const auto* value = map.require("ca")) files.ca = existing(*value, "the CA file", config, mistakes);
  if (const auto* value = map.find("crl")) files.crl = existing(*value, "the CRL file", config, mistakes);
  if (const auto* value = map.find("lifetime_max"))
    files.lifetime_max_s = yaml::duration_s(*value, "the longest life of a certificate", {60, 366 * 24 * 3600}, mistakes).value_or(24 * 3600);
  if (const auto* value = map.find("identities"))
    for (const yaml::Node* item : yaml::one_or_many(*value)) files.identities.push_back(read_identity(*item, mistakes));
  config.client_certificates = std::move(files);
}

}  // namespace pgward::proxy
