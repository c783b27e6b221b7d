#include "audit/log_record.h"

#include <cstring>

#include "audit/json_text.h"

namespace pgward::audit {

namespace {

std::string rotate_without_tree(std::string_view file, std::string_view previous_file, std::string_view head) {
  std::string out;
  JsonMembers{out}
      .text("type", "log.rotate")
      .text("file", file)
      .text("previous", previous_file)
      .text("head", head)
      .name("tree");
  return out;
}

}  // namespace

std::string log_rotate(std::string_view file, std::string_view previous_file, std::string_view head, const MerkleRange& tree) {
  std::string out = rotate_without_tree(file, previous_file, head);
  char before = '[';
  for (const auto& node : tree.nodes()) {
    out += before;
    append_json_string(out, hex_of(node.hash));
    before = ',';
  }
  return out += ']';
}

std::optional<MerkleRange> tree_of_rotate(const Line& line, std::string_view file, std::string_view previous_file) {
  const std::string front = rotate_without_tree(file, previous_file, line.prev);
  if (!line.members.starts_with(front)) return std::nullopt;
  std::vector<Hash> hashes;
  std::string_view list = line.members.substr(front.size());
  for (char before = '['; list.size() > kHashChars + 3; before = ',') {  // [".." ,".." ]
    const auto hash = hash_of(list.substr(2, kHashChars));
    if (list[0] != before || list[1] != '"' || list[2 + kHashChars] != '"' || !hash) return std::nullopt;
    hashes.push_back(*hash);
    list.remove_prefix(kHashChars + 3);
  }
  return list == "]" ? MerkleRange::of_frontier(line.seq - 1, hashes) : std::nullopt;
}

std::string log_open() {
  return "\"type\":\"log.open\"";
}

std::string log_recover(std::string_view file, std::uint64_t cut_bytes) {
  std::string out;
  JsonMembers{out}.text("type", "log.recover").text("file", file).number("cut_bytes", cut_bytes);
  return out;
}

std::string log_degraded(std::string_view step, int error_number, std::uint64_t seconds, std::uint64_t lost) {
  const char* error = strerrorname_np(error_number);  // "ENOSPC"
  std::string out;
  JsonMembers{out}
      .text("type", "log.degraded")
      .text("step", step)
      .text("error", error != nullptr ? error : "unknown")
      .number("seconds", seconds)
      .number("lost", lost);
  return out;
}

}  // namespace pgward::audit
