#include "proxy/evidence/in_force.h"

namespace pgward::proxy {
namespace {

std::string seconds(std::int64_t count) { return std::to_string(count) + " s"; }

std::string yes_no(bool yes) { return yes ? "yes" : "no"; }

EvidenceTable settings_table(const Config& config) {
  EvidenceTable out{"Settings", {"setting", "value"}, {}};
  const auto add = [&](const char* name, std::string value) { out.rows.push_back({name, std::move(value)}); };
  add("TLS of clients", config.certificate.empty() ? "none" : config.tls13_only ? "1.3" : "1.2 and 1.3");
  add("TLS to the server", config.upstream_tls ? "verify-full" : "off");
  add("server", config.upstream_host + ":" + std::to_string(config.upstream_port));
  add("idle timeout", seconds(config.session.life.idle_timeout_s));
  add("log-in timeout", seconds(config.session.login_timeout_s));
  add("revocations are read", yes_no(!config.revocations.empty()));
  add("a command is run for emergencies", yes_no(!config.alert_command.empty()));
  add("audit trail, checkpoint when idle after", seconds(config.audit.heartbeat_s));
  add("audit trail, one key signs for", seconds(config.audit.key_epoch_s));
  add("audit trail, anchors", std::to_string(config.audit.anchors.size()) + (config.audit.anchors_required ? " (required)" : ""));
  add("audit trail, kept for days", std::to_string(config.audit.keep_s / 86'400));
  add("audit trail, old segments are purged", yes_no(config.audit.purge));
  return out;
}

EvidenceTable listener_table(const Config& config) {
  EvidenceTable out{"Listeners", {"address", "TLS"}, {}};
  for (const ListenConfig& one : config.listen) out.rows.push_back({one.address, yes_no(one.tls)});
  return out;
}

EvidenceTable credential_table(const Config& config) {
  EvidenceTable out{"Credentials that are taken", {"kind", "from", "longest life"}, {}};
  for (const IssuerFile& one : config.issuers) out.rows.push_back({"token", one.issuer + " for " + one.audience, seconds(one.lifetime_max_s)});
  if (config.ephemeral) out.rows.push_back({"ephemeral (SCRAM)", std::to_string(config.ephemeral->keys.size()) + " keys", seconds(config.ephemeral->lifetime_max_s)});
  if (config.client_certificates)
    out.rows.push_back({"certificate", std::to_string(config.client_certificates->identities.size()) + " rules, CRL " + yes_no(!config.client_certificates->crl.empty()),
                        seconds(config.client_certificates->lifetime_max_s)});
  return out;
}

EvidenceTable access_table(const Config& config) {
  EvidenceTable out{"Who may log in how, in order", {"method", "users", "databases"}, {}};
  const auto listed = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
    return text.empty() ? std::string("all") : text;
  };
  for (const auth::AccessRule& one : config.access) out.rows.push_back({std::string(auth::name_of(one.method)), listed(one.users), listed(one.databases)});
  return out;
}

}  // namespace

EvidenceSection configuration_section(const Config& config, const std::string& policy_sha256, const std::set<std::string>& recorded) {
  EvidenceSection out{"configuration", "Configuration", {}, {}};
  out.notes.push_back("As it is now. Secrets stand in files of their own and are not shown. policy.yaml is the policy, whole.");
  EvidenceTable policies{"Policies by SHA-256", {"policy", "in force"}, {}};
  if (!recorded.contains(policy_sha256)) policies.rows.push_back({policy_sha256, "now; no record of these days names it"});
  for (const std::string& one : recorded) policies.rows.push_back({one, one == policy_sha256 ? "now, and in records of these days" : "in records of these days; another than now"});
  out.tables = {settings_table(config), listener_table(config), credential_table(config), access_table(config), std::move(policies)};
  return out;
}

}  // namespace pgward::proxy
