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

std::string log_open(std::int64_t heartbeat_s) {
  std::string out;
  JsonMembers{out}.text("type", "log.open").number("heartbeat_s", heartbeat_s);
  return out;
}

std::string log_close() {
  return "\"type\":\"log.close\"";
}

std::string log_anchor_failed(std::string_view anchor, bool refused) {
  std::string out;
  JsonMembers{out}.text("type", "log.degraded").text("step", "anchor").text("anchor", anchor).text("error", refused ? "contradicts" : "unreachable");
  return out;
}

std::string log_anchor_restored(std::string_view anchor) {
  std::string out;
  JsonMembers{out}.text("type", "log.restored").text("step", "anchor").text("anchor", anchor);
  return out;
}

std::string log_checkpoint(std::string_view note) {
  std::string out;
  JsonMembers{out}.text("type", "log.checkpoint").text("note", note);
  return out;
}

namespace {

std::optional<std::string> note_of_checkpoint(std::string_view members) {
  // Newlines are all that is escaped in what passes for a note.
  constexpr std::string_view kFront = R"("type":"log.checkpoint","note":")", kNewline = "\\u000a";
  if (!members.starts_with(kFront) || !members.ends_with('"')) return std::nullopt;
  std::string_view text = members.substr(kFront.size());
  text.remove_suffix(1);
  std::string note;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(kNewline)) {
      note += '\n';
      at += kNewline.size();
    } else if (text[at] == '\\' || text[at] == '"') {
      return std::nullopt;
    } else {
      note += text[at++];
    }
  }
  return note;
}

}  // namespace

std::optional<SignedCheckpoint> checkpoint_of(std::string_view members) {
  auto text = note_of_checkpoint(members);
  const auto note = text ? parse_note(*text) : std::nullopt;
  auto checkpoint = note ? parse_checkpoint(note->text) : std::nullopt;
  if (!checkpoint) return std::nullopt;
  return SignedCheckpoint{std::move(*checkpoint), std::move(*text), MerkleRange()};
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
