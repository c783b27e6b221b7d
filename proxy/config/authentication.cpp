#include "proxy/config/authentication.h"

#include <algorithm>

#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;
using auth::Channel;
using auth::Method;

std::vector<std::string> names(const yaml::Node* node, std::string_view what, yaml::Mistakes& mistakes) {
  std::vector<std::string> found;
  if (node)
    for (const yaml::Node* one : yaml::texts(*node, what, mistakes)) found.push_back(one->text);
  return found;
}

void read_addresses(const yaml::Node& node, auth::AccessRule& rule, yaml::Mistakes& mistakes) {
  for (const yaml::Node* one : yaml::texts(node, "an address", mistakes)) {
    auto range = auth::AddressRange::parse(one->text);
    if (range) rule.addresses.push_back(std::move(*range));
    else mistakes.add(*one, "expected an address such as 192.0.2.7, or a network whose other bits are 0, such as 10.0.0.0/8");
  }
}

auth::AccessRule read_rule(const yaml::Node& node, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "an entry of authentication", {"address", "connection", "certificate", "database", "user", "method"}, mistakes);
  auth::AccessRule rule;
  if (const auto* value = map.require("method"))
    rule.method = yaml::choice<Method>(*value, "the method", {{"jwt", Method::jwt}, {"scram-sha-256", Method::scram},
                                       {"scram-sha-256-plus", Method::scram_plus}, {"certificate", Method::certificate}, {"oauth", Method::oauth},
                                       {"reject", Method::reject}}, mistakes)
                      .value_or(Method::reject);
  if (const auto* value = map.find("address")) read_addresses(*value, rule, mistakes);
  if (const auto* value = map.find("connection"))
    rule.channel = yaml::choice<Channel>(*value, "the connection", {{"any", Channel::any}, {"tls", Channel::tls},
                                         {"plaintext", Channel::plaintext}, {"unix", Channel::unix_socket}}, mistakes)
                       .value_or(Channel::any);
  if (const auto* value = map.find("certificate"))
    rule.certificate = yaml::boolean(*value, "certificate: whether one that verifies must be there", mistakes).value_or(true);
  rule.databases = names(map.find("database"), "a database", mistakes);
  rule.users = names(map.find("user"), "a user name", mistakes);
  if (rule.channel == Channel::unix_socket && !rule.addresses.empty())
    mistakes.add(node, "a Unix socket has no addresses: this entry fits no connection");
  return rule;
}

}  // namespace

void read_authentication(const yaml::Node* node, Config& config, yaml::Mistakes& mistakes) {
  if (!node) {
    config.access = {auth::AccessRule{}};
    return;
  }
  for (const yaml::Node* item : yaml::one_or_many(*node)) config.access.push_back(read_rule(*item, mistakes));
  if (config.access.empty()) mistakes.add(*node, "expected at least one entry, as in - {method: jwt}; without any nobody gets in");
}

void check_methods(const yaml::Node& node, const Config& config, yaml::Mistakes& mistakes) {
  const auto used = [&](Method method) {
    return std::any_of(config.access.begin(), config.access.end(), [&](const auth::AccessRule& rule) { return rule.method == method; });
  };
  const auto needs_certificates = [](const auth::AccessRule& rule) { return rule.certificate || rule.method == Method::certificate; };
  if ((used(Method::jwt) || used(Method::oauth)) && config.issuers.empty()) mistakes.add(node, "methods jwt and oauth need auth: {issuers: [..]}");
  if ((used(Method::scram) || used(Method::scram_plus)) && !config.ephemeral)
    mistakes.add(node, "method scram-sha-256 needs auth: {ephemeral: {keys: [..]}}");
  if (std::any_of(config.access.begin(), config.access.end(), needs_certificates) && !config.client_certificates)
    mistakes.add(node, "client certificates need auth: {certificates: {ca: FILE, ..}}");
}

}  // namespace pgward::proxy
