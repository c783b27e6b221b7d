// pgward's configuration file as plain data. Relative paths in it are relative to the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "auth/access_rule.h"
#include "auth/certificate.h"
#include "auth/secret.h"
#include "auth/strength.h"
#include "policy/mistake.h"
#include "proxy/config/sinks.h"
#include "proxy/net/admission.h"
#include "proxy/net/login_failures.h"
#include "proxy/net/tcp_settings.h"
#include "proxy/session/services.h"

namespace pgward::proxy {

struct ListenConfig {
  std::string address;  // HOST:PORT or unix:PATH
  bool tls = true;
  unsigned mode = 0770;  // of a Unix socket's file
  policy::Place place;
};

struct IssuerFile {
  std::string issuer, audience, roles_claim = "roles";
  std::filesystem::path jwks;     // a file, or
  std::string jwks_url;           // "https://.."
  std::filesystem::path jwks_ca;  // empty: the system's authorities
  std::int64_t jwks_stale_max_s = 3600;
  std::int64_t lifetime_max_s = 900;
  std::int64_t clock_skew_s = 30;
  policy::Place place;
};

struct EphemeralFiles {
  struct Key {
    std::string id;
    std::filesystem::path file;
    policy::Place place;
  };
  std::vector<Key> keys;
  std::int64_t lifetime_max_s = 900;
  std::int64_t clock_skew_s = 30;
  policy::Place place;
};

struct CertificateFiles {
  std::filesystem::path ca, crl;  // crl empty: none
  std::int64_t lifetime_max_s = 24 * 3600;
  std::vector<auth::CertificateRule> identities;
  policy::Place place;
};

// As whom pgward logs in at the server, and with what.
struct UpstreamLoginFiles {
  std::string user;
  std::filesystem::path password_file;  // one of these two, or neither
  std::string password_env;
  std::filesystem::path certificate, key;  // of the client; empty: none
  policy::Place place;
};

struct AnchorPlace {
  std::filesystem::path directory;  // or
  std::string witness;              // "https://..."
  std::string witness_key;          // its verifier key
  std::filesystem::path ca;         // empty: the system's authorities
  policy::Place place;
};

// The audit trail: where it is, what signs it, and who else keeps its checkpoints.
struct AuditFiles {
  std::filesystem::path directory, keys;  // keys empty: in the directory, under "keys"
  std::filesystem::path subject_keys;     // of the tenants; where nothing is said, beside the signing keys
  std::string instance = "pgward";
  std::uint64_t segment_bytes = 256u << 20;
  std::int64_t heartbeat_s = 60, key_epoch_s = 24 * 3600;
  std::vector<AnchorPlace> anchors;
  std::int64_t keep_s = std::int64_t{2192} * 24 * 3600;  // six years and a day
  bool purge = false, compress = true;
  AuditMode mode = AuditMode::closed;
  bool anchors_required = false;
  std::int64_t anchor_patience_s = 600;
  std::vector<SinkPlace> sinks;
};

struct Config {
  std::filesystem::path file;
  std::vector<ListenConfig> listen;
  std::filesystem::path certificate, key;  // empty: no listener has TLS
  bool tls13_only = false;

  std::string upstream_host;
  std::uint16_t upstream_port = 5432;
  UpstreamLoginFiles upstream_login;  // of every role that has none of its own
  std::map<std::string, UpstreamLoginFiles, std::less<>> upstream_roles;
  bool upstream_tls = true;  // verify-full
  std::filesystem::path upstream_ca;
  std::vector<std::string> databases;

  std::vector<auth::AccessRule> access;  // in order
  std::vector<IssuerFile> issuers;
  std::map<std::string, auth::Strength, std::less<>> strength;  // by role
  std::string oauth_issuer, oauth_scope = "openid";  // where clients of OAUTHBEARER get their tokens
  std::optional<EphemeralFiles> ephemeral;
  std::optional<CertificateFiles> client_certificates;
  std::filesystem::path revocations;  // empty: none
  std::string metrics;  // where Prometheus asks; empty: nowhere
  policy::Place metrics_place;
  std::vector<std::string> alert_command;  // empty: none
  std::int64_t alert_timeout_s = 10;
  std::filesystem::path policy;  // empty: the empty policy, nothing is protected
  AuditFiles audit;
  unsigned threads = 2;
  std::string log_level = "info";
  std::int64_t catalog_refresh_s = 60;
  std::int64_t drain_s = 10;
  AdmissionLimits admission;
  FailureLimits failures;
  SessionLimits session;
  // Of all sessions; see proxy/session/message_memory.h.
  std::size_t message_memory = std::size_t{512} << 20, prepared_memory = std::size_t{2} << 30;
  TcpSettings tcp;
};

struct LoadedConfig {
  std::optional<Config> config;  // only without mistakes
  std::vector<policy::Mistake> mistakes;
};

LoadedConfig load_config(const std::filesystem::path& file);

// Reads a small file; nothing when it cannot be read or is larger than that.
std::optional<std::string> read_file(const std::filesystem::path& file, std::uintmax_t bytes_max = 4u << 20);

// From its file or environment variable (proxy/config/secrets.h); empty where it has neither.
std::optional<auth::Secret> upstream_password(const UpstreamLoginFiles& login);

}  // namespace pgward::proxy
