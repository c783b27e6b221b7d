#include "proxy/config/audit_trail.h"

#include "audit/line.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"
#include "proxy/config/limits.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;

void read_anchor(const yaml::Node& node, const std::filesystem::path& base, AuditFiles& files, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "an anchor", {"directory"}, mistakes);
  AnchorPlace anchor;
  anchor.place = mistakes.place(node);
  if (const auto* value = map.require("directory")) {
    if (auto text = yaml::text(*value, "the anchor's directory", mistakes)) anchor.directory = base / *text;
    std::error_code error;
    if (!anchor.directory.empty() && !std::filesystem::is_directory(anchor.directory, error))
      mistakes.add(*value, "is no directory: an anchor has to be there before the log (mount it, or make it)");
  }
  files.anchors.push_back(std::move(anchor));
}

}  // namespace

void read_audit(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  AuditFiles& files = config.audit;
  const std::filesystem::path base = config.file.parent_path();
  yaml::Mapping map(node, "audit", {"directory", "instance", "keys", "key_epoch", "heartbeat", "segment", "anchors", "anchor_failure", "anchor_patience"}, mistakes);
  if (const auto* value = map.require("directory"))
    if (auto text = yaml::text(*value, "the audit directory", mistakes)) files.directory = base / *text;
  if (const auto* value = map.find("instance")) {
    files.instance = yaml::text(*value, "the name of this instance", mistakes).value_or("pgward");
    if (!audit::is_instance(files.instance)) mistakes.add(*value, "the name of this instance must be 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  if (const auto* value = map.find("keys"))
    if (auto text = yaml::text(*value, "the directory of the signing key", mistakes)) files.keys = base / *text;
  if (const auto* value = map.find("key_epoch"))
    files.key_epoch_s = yaml::duration_s(*value, "how long one key signs", {60, 31 * kDay}, mistakes).value_or(kDay);
  if (const auto* value = map.find("heartbeat"))
    files.heartbeat_s = yaml::duration_s(*value, "the time between checkpoints when nothing happens", {1, kHour}, mistakes).value_or(60);
  if (const auto* value = map.find("segment"))
    files.segment_bytes = size_bytes(*value, "the size of a segment", {1, 4096}, mistakes).value_or(std::size_t{256} << 20);
  if (const auto* value = map.find("anchors"))
    for (const yaml::Node* item : yaml::one_or_many(*value)) read_anchor(*item, base, files, mistakes);
  if (const auto* value = map.find("anchor_failure"))
    files.anchors_required = yaml::choice<bool>(*value, "anchor_failure", {{"report", false}, {"refuse", true}}, mistakes).value_or(true);
  if (const auto* value = map.find("anchor_patience"))
    files.anchor_patience_s = yaml::duration_s(*value, "how long an anchor may be out of reach", {1, 7 * kDay}, mistakes).value_or(600);
}

}  // namespace pgward::proxy
