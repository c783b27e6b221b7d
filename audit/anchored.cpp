#include "audit/anchored.h"

#include "audit/anchor.h"
#include "audit/tree_reader.h"

namespace pgward::audit {
namespace {

std::string wrong_with(const Anchor::Held& held, const std::filesystem::path& directory, const MerkleRange& end) {
  if (held.size > end.end())
    return "holds a checkpoint of " + std::to_string(held.size) + " records, and the log has only " + std::to_string(end.end()) +
           ": records were taken away, or an older copy was put in its place";
  const auto then = held.size == end.end() ? std::optional(end) : tree_at(directory, held.size);
  if (!then) return "holds a checkpoint of " + std::to_string(held.size) + " records, which the log cannot be compared with";
  if (then->root() != held.root)
    return "holds another history of the first " + std::to_string(held.size) + " records: they were changed, or another log was put in its place";
  return {};
}

}  // namespace

std::string contradicts(const LogConfig& config, const std::string& origin, const std::filesystem::path& directory, const MerkleRange& end) {
  for (const auto& anchor : config.signing.anchors) {
    const auto newest = anchor->newest(origin);
    std::string wrong;
    if (const auto* fault = std::get_if<AnchorFault>(&newest)) {
      if (!fault->refused && !config.signing.anchors_required) continue;
      wrong = fault->reason;
    } else if (const auto& held = std::get<std::optional<Anchor::Held>>(newest)) {
      wrong = wrong_with(*held, directory, end);
    }
    if (!wrong.empty()) return "anchor " + anchor->name() + ": " + wrong;
  }
  return {};
}

}  // namespace pgward::audit
