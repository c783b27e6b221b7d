#include "proxy/serve/audit_signing.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <functional>
#include <mutex>

#include "audit/directory_anchor.h"
#include "proxy/session/shared_values.h"
#include "proxy/witness/client.h"

namespace pgward::proxy {
namespace {

template <class Clock>
std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

std::shared_ptr<audit::Anchor> anchor_at(const AnchorPlace& place, const std::filesystem::path& log) {
  if (place.witness.empty()) return std::make_shared<audit::DirectoryAnchor>(place.directory);
  return std::make_shared<WitnessClient>(parse_https_url(place.witness).value(), place.ca.string(), audit::NoteKey::of_text(place.witness_key).value(), log);
}

// A label's value in the format of Prometheus.
std::string label(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

audit::SigningConfig signing_of(const AuditFiles& files, AnchorHealth& health) {
  audit::SigningConfig signing;
  signing.keys = files.keys.empty() ? files.directory / "keys" : files.keys;
  signing.heartbeat_s = files.heartbeat_s;
  signing.epoch_us = files.key_epoch_s * 1'000'000;
  signing.anchors_required = files.anchors_required;
  signing.anchor_patience_s = files.anchor_patience_s;
  signing.unix_us = now_us<std::chrono::system_clock>;
  for (const AnchorPlace& place : files.anchors) signing.anchors.push_back(anchor_at(place, files.directory));
  for (const auto& anchor : signing.anchors) health.set(anchor->name(), true);
  signing.on_anchor = [&health](const std::string& anchor, const std::string* fault) {
    health.set(anchor, fault == nullptr);
    if (fault) spdlog::error("audit: anchor {}: {}", anchor, *fault);
    else spdlog::info("audit: anchor {} holds all checkpoints again", anchor);
  };
  return signing;
}

}  // namespace

void AnchorHealth::set(const std::string& anchor, bool well) {
  const std::lock_guard lock(mutex_);
  well_[anchor] = well;
}

void AnchorHealth::metrics(std::string& out, bool log_works) const {
  const std::lock_guard lock(mutex_);
  out += "# HELP pgward_audit_log_up 1 while the audit log takes records.\n# TYPE pgward_audit_log_up gauge\npgward_audit_log_up ";
  out += log_works ? "1\n" : "0\n";
  if (well_.empty()) return;
  out += "# HELP pgward_audit_anchor_up 1 while the anchor holds the newest checkpoints.\n# TYPE pgward_audit_anchor_up gauge\n";
  for (const auto& [anchor, well] : well_) out += "pgward_audit_anchor_up{anchor=\"" + label(anchor) + "\"} " + (well ? "1" : "0") + "\n";
}

KeySource subject_keys_of(const AuditFiles& files) {
  // The sessions of a tenant hold one copy of its key, as long as its file says the same.
  struct InUse {
    std::mutex mutex;
    SharedValues<audit::SubjectKey> keys;
  };
  return [keys = std::make_shared<audit::SubjectKeys>(files.subject_keys), in_use = std::make_shared<InUse>()](const audit::TenantNames& tenant) -> std::shared_ptr<const audit::SubjectKey> {
    auto found = keys->of(tenant);
    if (const auto* fault = std::get_if<std::string>(&found)) {
      spdlog::error("audit: the key of a tenant's pseudonyms: {}", *fault);
      return nullptr;
    }
    auto key = std::get<std::shared_ptr<const audit::SubjectKey>>(std::move(found));
    const std::size_t hash = std::hash<std::string>{}(key->kid());
    const std::lock_guard guard(in_use->mutex);
    return in_use->keys.share(std::move(key), hash);
  };
}

audit::LogConfig log_config_of(const AuditFiles& files, AnchorHealth& health) {
  audit::LogConfig log;
  log.directory = files.directory;
  log.instance = files.instance;
  log.segment_bytes = files.segment_bytes;
  log.steady_us = now_us<std::chrono::steady_clock>;
  log.signing = signing_of(files, health);
  log.retention.keep_s = files.keep_s;
  log.retention.purge = files.purge;
  log.retention.compress = files.compress;
  log.retention.on_trouble = [](const std::string& trouble) { spdlog::error("audit: old segments: {}", trouble); };
  return log;
}

}  // namespace pgward::proxy
