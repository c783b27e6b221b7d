#include "audit/key_chain.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audit/json_text.h"

namespace pgward::audit {
namespace {

constexpr const char* kFile = "key-chain";
constexpr std::size_t kEntriesMax = 1'000'000;

IoResult failed(std::string_view step) { return IoError{step, errno}; }

}  // namespace

IoResult add_to_key_chain(const std::filesystem::path& log, const SignedCheckpoint& checkpoint) {
  const auto known = key_changes(log, checkpoint.checkpoint.size - 1);
  if (std::any_of(known.begin(), known.end(), [&](const auto& one) { return one.note == checkpoint.note; })) return std::nullopt;
  const Fd fd(::open((log / kFile).c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failed("open key chain");
  std::string line = "{";
  JsonMembers{line}.number("size", checkpoint.checkpoint.size).text("note", checkpoint.note);
  line += "}\n";
  // A line that a crash cut short is ended first.
  char last = '\n';
  if (const off_t end = ::lseek(fd.get(), 0, SEEK_END); end > 0 && ::pread(fd.get(), &last, 1, end - 1) != 1) return failed("read key chain");
  if (last != '\n') line.insert(0, "\n");
  if (::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return failed("write key chain");
  return ::fsync(fd.get()) == 0 ? IoResult{} : failed("sync key chain");
}

std::vector<SignedCheckpoint> key_changes(const std::filesystem::path& log, std::uint64_t beyond) {
  std::vector<SignedCheckpoint> found;
  std::ifstream in(log / kFile);
  for (std::string line; found.size() < kEntriesMax && std::getline(in, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || !entry.contains("note") || !entry["note"].is_string()) continue;
    std::string text = entry["note"];
    const auto note = parse_note(text);
    auto checkpoint = note ? parse_checkpoint(note->text) : std::nullopt;
    if (checkpoint && checkpoint->size > beyond) found.push_back({std::move(*checkpoint), std::move(text), MerkleRange()});
  }
  return found;
}

}  // namespace pgward::audit
