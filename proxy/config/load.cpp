#include <fstream>
#include <sstream>

#include "policy/yaml/mapping.h"
#include "policy/yaml/parse.h"
#include "policy/yaml/scalar.h"
#include "proxy/config/audit_trail.h"
#include "proxy/config/authentication.h"
#include "proxy/config/credentials.h"
#include "proxy/config/config.h"
#include "proxy/config/limits.h"
#include "proxy/config/secrets.h"
#include "proxy/config/upstream.h"
#include "proxy/net/addresses.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

constexpr yaml::Range kSeconds{1, 7 * 24 * 3600};

class Loader {
 public:
  Loader(const std::filesystem::path& file, yaml::Mistakes& mistakes)
      : base_(file.parent_path()), mistakes_(mistakes) {
    config_.file = file;
  }

  Config read(const yaml::Node& root) {
    yaml::Mapping top(root, "the configuration",
                      {"listen", "tls", "upstream", "auth", "authentication", "policy", "audit", "threads", "log", "catalog_refresh", "drain", "limits", "session", "revocations", "tcp", "alerts", "metrics"},
                      mistakes_);
    if (const auto* node = top.find("tls")) tls(*node);
    if (const auto* node = top.require("listen")) listen(*node);
    if (const auto* node = top.require("upstream")) read_upstream(*node, config_, mistakes_);
    if (const auto* node = top.require("auth")) auth(*node);
    read_authentication(top.find("authentication"), config_, mistakes_);
    check_methods(top.find("authentication") ? *top.find("authentication") : root, config_, mistakes_);
    if (const auto* node = top.require("policy")) policy(*node);
    if (const auto* node = top.require("audit")) read_audit(*node, config_, mistakes_);
    if (const auto* node = top.find("threads"))
      config_.threads = static_cast<unsigned>(yaml::integer(*node, "the number of threads", {1, 64}, mistakes_).value_or(2));
    if (const auto* node = top.find("log"))
      config_.log_level = yaml::choice<std::string>(*node, "the log level",
                                                    {{"debug", "debug"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}}, mistakes_)
                              .value_or("info");
    if (const auto* node = top.find("catalog_refresh"))
      config_.catalog_refresh_s = yaml::duration_s(*node, "the time between catalog refreshes", kSeconds, mistakes_).value_or(60);
    if (const auto* node = top.find("limits")) read_limits(*node, config_, mistakes_);
    if (const auto* node = top.find("session")) read_session(*node, config_, mistakes_);
    if (const auto* node = top.find("revocations")) config_.revocations = path(*node, "the revocation file");
    if (const auto* node = top.find("alerts")) read_alerts(*node, config_, mistakes_);
    if (const auto* node = top.find("metrics")) metrics(*node);
    if (const auto* node = top.find("tcp")) read_tcp(*node, config_, mistakes_);
    if (const auto* node = top.find("drain"))
      config_.drain_s = yaml::duration_s(*node, "the time to drain", kSeconds, mistakes_).value_or(10);
    return config_;
  }

 private:
  std::filesystem::path path(const yaml::Node& node, std::string_view what) {
    auto text = yaml::text(node, what, mistakes_);
    return text ? base_ / *text : std::filesystem::path{};
  }

  std::filesystem::path existing(const yaml::Node& node, std::string_view what) {
    auto file = path(node, what);
    std::error_code error;
    if (!file.empty() && !std::filesystem::exists(file, error))
      mistakes_.add(node, std::string(what) + " does not exist or cannot be reached");
    return file;
  }

  void listen(const yaml::Node& node) {
    for (const yaml::Node* item : yaml::one_or_many(node)) {
      yaml::Mapping map(*item, "a listener", {"address", "tls", "mode"}, mistakes_);
      ListenConfig one;
      one.place = mistakes_.place(*item);
      const auto* address = map.require("address");
      if (!address) continue;
      one.address = yaml::text(*address, "an address to listen on", mistakes_).value_or("");
      if (const auto* tls = map.find("tls")) one.tls = yaml::boolean(*tls, "tls of a listener", mistakes_).value_or(true);
      if (one.address.starts_with("unix:")) one.tls = false;
      if (const auto* mode = map.find("mode")) {
        one.mode = read_socket_mode(*mode, mistakes_);
        if (!one.address.starts_with("unix:")) mistakes_.add(*mode, "mode is for Unix sockets only");
      }
      check_listener(*address, one);
      config_.listen.push_back(std::move(one));
    }
    if (config_.listen.empty()) mistakes_.add(node, "expected at least one listener, as in - {address: \"127.0.0.1:6432\"}");
  }

  void metrics(const yaml::Node& node) {
    const auto address = yaml::text(node, "the address of the metrics", mistakes_);
    if (!address) return;
    auto parsed = parse_address(*address);
    if (auto* error = std::get_if<std::string>(&parsed)) return mistakes_.add(node, "not an address to listen on: " + *error);
    for (const Address& one : std::get<std::vector<Address>>(parsed))
      if (!is_loopback(one)) return mistakes_.add(node, "metrics have no TLS: Unix sockets and loopback addresses only");
    config_.metrics = *address;
    config_.metrics_place = mistakes_.place(node);
  }

  void check_listener(const yaml::Node& node, const ListenConfig& one) {
    if (one.address.empty()) return;
    auto parsed = parse_address(one.address);
    if (auto* error = std::get_if<std::string>(&parsed)) return mistakes_.add(node, "not an address to listen on: " + *error);
    if (!one.tls)
      for (const Address& address : std::get<std::vector<Address>>(parsed))
        if (!is_loopback(address)) return mistakes_.add(node, "tls: off is allowed for Unix sockets and loopback addresses only");
    if (one.tls && config_.certificate.empty())
      mistakes_.add(node, "a listener with TLS needs tls: {certificate: FILE, key: FILE}");
  }

  void tls(const yaml::Node& node) {
    yaml::Mapping map(node, "tls", {"certificate", "key", "min_version"}, mistakes_);
    if (const auto* value = map.require("certificate")) config_.certificate = existing(*value, "the certificate file");
    if (const auto* value = map.require("key")) config_.key = existing(*value, "the key file");
    if (const auto* value = map.find("min_version"))
      config_.tls13_only = yaml::choice<bool>(*value, "min_version", {{"1.2", false}, {"1.3", true}}, mistakes_).value_or(false);
  }

  void auth(const yaml::Node& node) {
    yaml::Mapping map(node, "auth", {"issuers", "ephemeral", "certificates", "strength", "oauth"}, mistakes_);
    if (const auto* value = map.find("ephemeral")) read_ephemeral(*value, config_, mistakes_);
    if (const auto* value = map.find("certificates")) read_certificates(*value, config_, mistakes_);
    if (const auto* value = map.find("oauth")) read_oauth(*value, config_, mistakes_);
    if (const auto* value = map.find("strength")) read_strength(*value, config_, mistakes_);
    const auto* issuers = map.find("issuers");
    if (!issuers) return;
    for (const yaml::Node* item : yaml::one_or_many(*issuers)) {
      yaml::Mapping one(*item, "an issuer", {"issuer", "audience", "jwks", "jwks_ca", "jwks_stale_max", "lifetime_max", "roles_claim", "clock_skew"}, mistakes_);
      IssuerFile issuer;
      issuer.place = mistakes_.place(*item);
      if (const auto* value = one.require("issuer")) issuer.issuer = yaml::text(*value, "the issuer", mistakes_).value_or("");
      if (const auto* value = one.require("audience")) issuer.audience = yaml::text(*value, "the audience", mistakes_).value_or("");
      if (const auto* value = one.require("jwks")) read_key_set(*value, issuer, config_, mistakes_);
      if (const auto* value = one.find("jwks_ca")) issuer.jwks_ca = existing(*value, "the CA file");
      if (const auto* value = one.find("jwks_stale_max"))
        issuer.jwks_stale_max_s = yaml::duration_s(*value, "how long old keys count", {0, 7 * 24 * 3600}, mistakes_).value_or(3600);
      if (const auto* value = one.find("lifetime_max"))
        issuer.lifetime_max_s = yaml::duration_s(*value, "the longest life of a token", {1, 24 * 3600}, mistakes_).value_or(900);
      if (const auto* value = one.find("clock_skew"))
        issuer.clock_skew_s = yaml::duration_s(*value, "the clock skew", {1, 300}, mistakes_).value_or(30);
      if (const auto* value = one.find("roles_claim")) issuer.roles_claim = yaml::text(*value, "the roles claim", mistakes_).value_or("roles");
      config_.issuers.push_back(std::move(issuer));
    }
  }

  void policy(const yaml::Node& node) {
    const auto text = yaml::text(node, "the policy file", mistakes_);
    if (text && *text != "empty") config_.policy = existing(node, "the policy file");
  }

  std::filesystem::path base_;
  yaml::Mistakes& mistakes_;
  Config config_;
};

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& file, std::uintmax_t bytes_max) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad() || text.str().size() > bytes_max) return std::nullopt;
  return text.str();
}

LoadedConfig load_config(const std::filesystem::path& file) {
  yaml::Mistakes mistakes(file.string());
  const auto text = read_file(file);
  if (!text) {
    mistakes.add(policy::Place{file.string(), 1, 1}, "cannot be read");
    return {std::nullopt, mistakes.take()};
  }
  const auto root = yaml::parse(*text, mistakes);
  if (!root) return {std::nullopt, mistakes.take()};
  Config config = Loader(file, mistakes).read(*root);
  LoadedConfig loaded;
  if (mistakes.empty()) loaded.config = std::move(config);
  loaded.mistakes = mistakes.take();
  return loaded;
}

std::optional<auth::Secret> upstream_password(const UpstreamLoginFiles& login) {
  if (!login.password_env.empty()) return take_environment(login.password_env);
  return login.password_file.empty() ? auth::Secret() : read_secret(login.password_file);
}

}  // namespace pgward::proxy
