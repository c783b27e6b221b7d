#include "proxy/serve/audit_signing.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "audit/directory_anchor.h"
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

audit::SigningConfig signing_of(const AuditFiles& files) {
  audit::SigningConfig signing;
  signing.keys = files.keys.empty() ? files.directory / "keys" : files.keys;
  signing.heartbeat_s = files.heartbeat_s;
  signing.epoch_us = files.key_epoch_s * 1'000'000;
  signing.anchors_required = files.anchors_required;
  signing.anchor_patience_s = files.anchor_patience_s;
  signing.unix_us = now_us<std::chrono::system_clock>;
  for (const AnchorPlace& place : files.anchors) signing.anchors.push_back(anchor_at(place, files.directory));
  signing.on_anchor = [](const std::string& anchor, const std::string* fault) {
    if (fault) spdlog::error("audit: anchor {}: {}", anchor, *fault);
    else spdlog::info("audit: anchor {} holds all checkpoints again", anchor);
  };
  return signing;
}

}  // namespace

audit::LogConfig log_config_of(const AuditFiles& files) {
  audit::LogConfig log;
  log.directory = files.directory;
  log.instance = files.instance;
  log.segment_bytes = files.segment_bytes;
  log.steady_us = now_us<std::chrono::steady_clock>;
  log.signing = signing_of(files);
  log.retention.keep_s = files.keep_s;
  log.retention.purge = files.purge;
  log.retention.compress = files.compress;
  log.retention.on_trouble = [](const std::string& trouble) { spdlog::error("audit: old segments: {}", trouble); };
  return log;
}

}  // namespace pgward::proxy
