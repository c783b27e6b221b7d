#include "proxy/config/upstream.h"

#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"
#include "proxy/net/addresses.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

class UpstreamReader {
 public:
  UpstreamReader(Config& config, yaml::Mistakes& mistakes) : config_(config), mistakes_(mistakes) {}

  void read(const yaml::Node& node) {
    yaml::Mapping map(node, "upstream",
                      {"host", "port", "user", "password_file", "password_env", "certificate", "key", "tls", "ca", "databases", "roles"}, mistakes_);
    if (const auto* value = map.require("host")) config_.upstream_host = yaml::text(*value, "the upstream host", mistakes_).value_or("");
    if (const auto* value = map.find("port"))
      config_.upstream_port = static_cast<std::uint16_t>(yaml::integer(*value, "the upstream port", {1, 65535}, mistakes_).value_or(5432));
    if (const auto* value = map.find("tls"))
      config_.upstream_tls = yaml::choice<bool>(*value, "tls of the upstream", {{"verify-full", true}, {"off", false}, {"false", false}}, mistakes_).value_or(true);
    if (const auto* value = map.find("ca")) config_.upstream_ca = existing(*value, "the CA file");
    if (!config_.upstream_tls && !config_.upstream_host.empty()) check_plain(node);
    if (const auto* value = map.require("databases"))
      for (const yaml::Node* item : yaml::texts(*value, "a database", mistakes_)) config_.databases.push_back(item->text);
    config_.upstream_login = login(node, map);
    if (const auto* value = map.find("roles"))
      yaml::for_each_entry(*value, "the roles of upstream", mistakes_, [&](const yaml::Node& role, const yaml::Node& one) {
        yaml::Mapping own(one, "the log-in of role " + yaml::shown(role.text), {"user", "password_file", "password_env", "certificate", "key"}, mistakes_);
        config_.upstream_roles[role.text] = login(role, own);
      });
  }

 private:
  std::filesystem::path existing(const yaml::Node& node, std::string_view what) {
    const auto text = yaml::text(node, what, mistakes_);
    if (!text) return {};
    auto file = config_.file.parent_path() / *text;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) mistakes_.add(node, std::string(what) + " does not exist or cannot be reached");
    return file;
  }

  UpstreamLoginFiles login(const yaml::Node& node, const yaml::Mapping& map) {
    UpstreamLoginFiles made;
    made.place = mistakes_.place(node);
    if (const auto* value = map.require("user")) made.user = yaml::text(*value, "the upstream user", mistakes_).value_or("");
    if (const auto* value = map.find("password_file")) made.password_file = existing(*value, "the password file");
    if (const auto* value = map.find("password_env"))
      made.password_env = yaml::text(*value, "the name of an environment variable", mistakes_).value_or("");
    if (!made.password_file.empty() && !made.password_env.empty()) mistakes_.add(node, "password_file and password_env exclude each other");
    if (const auto* value = map.find("certificate")) made.certificate = existing(*value, "the certificate file");
    if (const auto* value = map.find("key")) made.key = existing(*value, "the key file");
    if (map.readable() && (map.find("certificate") == nullptr) != (map.find("key") == nullptr))
      mistakes_.add(node, "a certificate for the upstream and its key go together");
    if (map.find("certificate") != nullptr && (!config_.upstream_tls || config_.upstream_host.starts_with("/")))
      mistakes_.add(*map.find("certificate"), "a certificate is shown inside TLS only");
    return made;
  }

  void check_plain(const yaml::Node& node) {
    auto resolved = resolve(config_.upstream_host, config_.upstream_port);
    if (std::holds_alternative<std::string>(resolved)) return;  // told when it is connected to
    for (const Address& address : std::get<std::vector<Address>>(resolved))
      if (!is_loopback(address))
        return mistakes_.add(node, "tls: off towards the upstream is allowed for Unix sockets and loopback addresses only");
  }

  Config& config_;
  yaml::Mistakes& mistakes_;
};

}  // namespace

void read_upstream(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) { UpstreamReader(config, mistakes).read(node); }

}  // namespace pgward::proxy
