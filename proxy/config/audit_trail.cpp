#include "proxy/config/audit_trail.h"

#include "audit/line.h"
#include "audit/signed_note.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"
#include "proxy/config/https_url.h"
#include "proxy/config/limits.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;

void read_directory(const yaml::Node& node, const std::filesystem::path& base, AnchorPlace& anchor, yaml::Mistakes& mistakes) {
  if (auto text = yaml::text(node, "the anchor's directory", mistakes)) anchor.directory = base / *text;
  std::error_code error;
  if (!anchor.directory.empty() && !std::filesystem::is_directory(anchor.directory, error))
    mistakes.add(node, "is no directory: an anchor has to be there before the log (mount it, or make it)");
}

void read_witness(const yaml::Node& node, yaml::Mapping& map, const std::filesystem::path& base, AnchorPlace& anchor, yaml::Mistakes& mistakes) {
  anchor.witness = yaml::text(node, "the address of a witness", mistakes).value_or("");
  if (!anchor.witness.empty() && !parse_https_url(anchor.witness)) mistakes.add(node, "expected https://HOST[:PORT]");
  if (const auto* value = map.require("key")) {
    anchor.witness_key = yaml::text(*value, "the key of a witness", mistakes).value_or("");
    const auto key = audit::NoteKey::of_text(anchor.witness_key);
    if (!key || key->type != audit::NoteKeyType::cosignature) mistakes.add(*value, "is not the verifier key of a witness; pgward witness prints it");
  }
  if (const auto* value = map.find("ca")) {
    if (auto text = yaml::text(*value, "the CA file", mistakes)) anchor.ca = base / *text;
    std::error_code error;
    if (!std::filesystem::exists(anchor.ca, error)) mistakes.add(*value, "the CA file does not exist or cannot be reached");
  }
}

void read_retention(const yaml::Node& node, AuditFiles& files, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "retention", {"years", "purge", "compress"}, mistakes);
  if (const auto* value = map.find("years")) {
    constexpr std::int64_t kDaysOfFourYears = 1461;
    const auto years = yaml::integer(*value, "how many years records are kept", {6, 200}, mistakes).value_or(6);
    files.keep_s = ((years * kDaysOfFourYears + 3) / 4) * kDay;
  }
  if (const auto* value = map.find("purge"))
    files.purge = yaml::choice<bool>(*value, "purge", {{"never", false}, {"automatic", true}}, mistakes).value_or(false);
  if (const auto* value = map.find("compress")) files.compress = yaml::boolean(*value, "compress", mistakes).value_or(true);
}

void read_anchor(const yaml::Node& node, const std::filesystem::path& base, AuditFiles& files, yaml::Mistakes& mistakes) {
  yaml::Mapping map(node, "an anchor", {"directory", "witness", "key", "ca"}, mistakes);
  AnchorPlace anchor;
  anchor.place = mistakes.place(node);
  const auto* directory = map.find("directory");
  const auto* witness = map.find("witness");
  if ((directory != nullptr) == (witness != nullptr)) return mistakes.add(node, "an anchor is {directory: PATH} or {witness: https://HOST:PORT, key: VKEY}");
  if (directory) read_directory(*directory, base, anchor, mistakes);
  else read_witness(*witness, map, base, anchor, mistakes);
  files.anchors.push_back(std::move(anchor));
}

}  // namespace

void read_audit(const yaml::Node& node, Config& config, yaml::Mistakes& mistakes) {
  AuditFiles& files = config.audit;
  const std::filesystem::path base = config.file.parent_path();
  yaml::Mapping map(node, "audit", {"directory", "instance", "keys", "subject_keys", "seal_keys", "key_epoch", "heartbeat", "segment", "anchors", "anchor_failure", "anchor_patience", "retention", "mode", "sinks"}, mistakes);
  if (const auto* value = map.require("directory"))
    if (auto text = yaml::text(*value, "the audit directory", mistakes)) files.directory = base / *text;
  if (const auto* value = map.find("instance")) {
    files.instance = yaml::text(*value, "the name of this instance", mistakes).value_or("pgward");
    if (!audit::is_instance(files.instance)) mistakes.add(*value, "the name of this instance must be 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  if (const auto* value = map.find("keys"))
    if (auto text = yaml::text(*value, "the directory of the signing key", mistakes)) files.keys = base / *text;
  if (const auto* value = map.find("subject_keys"))
    if (auto text = yaml::text(*value, "the directory of the tenants' keys", mistakes)) files.subject_keys = base / *text;
  if (files.subject_keys.empty()) files.subject_keys = (files.keys.empty() ? files.directory : files.keys.parent_path()) / "subject-keys";
  if (const auto* value = map.find("seal_keys")) config.session.seal_keys = yaml::boolean(*value, "seal_keys", mistakes).value_or(false);
  if (const auto* value = map.find("key_epoch"))
    files.key_epoch_s = yaml::duration_s(*value, "how long one key signs", {60, 31 * kDay}, mistakes).value_or(kDay);
  if (const auto* value = map.find("heartbeat"))
    files.heartbeat_s = yaml::duration_s(*value, "the time between checkpoints when nothing happens", {1, kHour}, mistakes).value_or(60);
  if (const auto* value = map.find("segment"))
    files.segment_bytes = size_bytes(*value, "the size of a segment", {1, 4096}, mistakes).value_or(std::size_t{256} << 20);
  if (const auto* value = map.find("anchors"))
    for (const yaml::Node* item : yaml::one_or_many(*value)) read_anchor(*item, base, files, mistakes);
  if (const auto* value = map.find("retention")) read_retention(*value, files, mistakes);
  if (const auto* value = map.find("mode"))
    files.mode = yaml::choice<AuditMode>(*value, "what happens while the log cannot be written", {{"closed", AuditMode::closed}, {"closed-writes", AuditMode::closed_writes}}, mistakes).value_or(AuditMode::closed);
  if (const auto* value = map.find("sinks")) files.sinks = read_sinks(*value, base, mistakes);
  if (const auto* value = map.find("anchor_failure"))
    files.anchors_required = yaml::choice<bool>(*value, "anchor_failure", {{"report", false}, {"refuse", true}}, mistakes).value_or(true);
  if (const auto* value = map.find("anchor_patience"))
    files.anchor_patience_s = yaml::duration_s(*value, "how long an anchor may be out of reach", {1, 7 * kDay}, mistakes).value_or(600);
}

}  // namespace pgward::proxy
