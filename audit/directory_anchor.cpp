#include "audit/directory_anchor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "audit/io.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPerFolder = 1'000'000;
constexpr std::size_t kNoteBytesMax = 64u << 10;

std::string digits(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? text.insert(0, width - text.size(), '0') : text;
}

fs::path folder_of(const fs::path& directory, std::string origin) {
  std::replace(origin.begin(), origin.end(), '/', '_');
  return directory / origin;
}

AnchorFault outage(const fs::path& path, std::string_view step, int number) { return {false, path.string() + ": " + IoError{step, number}.text()}; }

std::optional<std::string> read_note(const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::string text(kNoteBytesMax, '\0');
  const ssize_t size = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (size < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<Checkpoint> checkpoint_in(const std::string& text) {
  const auto note = parse_note(text);
  return note ? parse_checkpoint(note->text) : std::nullopt;
}

// Names in a directory, ascending. They are numbers of one width: so are the sizes.
std::vector<std::string> names_in(const fs::path& directory, std::error_code& error) {
  std::vector<std::string> names;
  fs::directory_iterator entry(directory, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<AnchorFault> sync(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // A file system that cannot sync a directory (object stores) says EINVAL.
  if (!fd || (::fsync(fd.get()) != 0 && errno != EINVAL)) return outage(path, "sync", errno);
  return std::nullopt;
}

std::optional<AnchorFault> make(const fs::path& file, const std::string& note) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (!fd) return outage(file, "create", errno);
  const ssize_t size = ::write(fd.get(), note.data(), note.size());
  if (size != static_cast<ssize_t>(note.size())) return outage(file, "write", size < 0 ? errno : ENOSPC);
  if (::fsync(fd.get()) != 0) return outage(file, "sync", errno);
  return sync(file.parent_path());
}

}  // namespace

std::optional<AnchorFault> DirectoryAnchor::put(const SignedCheckpoint& checkpoint) {
  return put_note(checkpoint.checkpoint.origin, checkpoint.checkpoint.size, checkpoint.checkpoint.root, checkpoint.note);
}

std::optional<AnchorFault> DirectoryAnchor::put_note(const std::string& origin, std::uint64_t size, const Hash& root, const std::string& note) {
  std::error_code error;
  // The directory itself must be there: one that is not mounted is an outage, not an empty anchor.
  if (!fs::is_directory(directory_, error)) return outage(directory_, "open directory", error ? error.value() : ENOTDIR);
  const fs::path folder = folder_of(directory_, origin) / digits(size / kPerFolder, 8);
  if (fs::create_directories(folder, error))
    for (const fs::path& path : {folder.parent_path(), directory_})
      if (auto fault = sync(path)) return fault;
  if (error) return outage(folder, "make directory", error.value());
  // What a crash left half-written cannot be taken back where nothing can: the next name is used.
  for (int attempt = 0; attempt < 10; ++attempt) {
    const fs::path file = folder / (digits(size, 16) + (attempt > 0 ? "." + std::to_string(attempt) : "") + ".note");
    auto fault = make(file, note);
    if (!fault) return std::nullopt;
    if (!fs::exists(fs::symlink_status(file, error))) return fault;
    const auto text = read_note(file);
    const auto there = text ? checkpoint_in(*text) : std::nullopt;
    if (!there) continue;
    if (there->origin == origin && there->size == size && there->root == root) return std::nullopt;
    return AnchorFault{true, file.string() + " holds another checkpoint of as many records: another copy of this log is being written"};
  }
  return AnchorFault{false, folder.string() + ": files of this size are there, and none can be read"};
}

std::variant<std::optional<std::string>, AnchorFault> DirectoryAnchor::newest_note(const std::string& origin) const {
  std::error_code error;
  if (!fs::is_directory(directory_, error)) return outage(directory_, "open directory", error ? error.value() : ENOTDIR);
  const fs::path top = folder_of(directory_, origin);
  if (!fs::exists(top, error)) return std::optional<std::string>{};
  const auto folders = names_in(top, error);
  for (auto folder = folders.rbegin(); !error && folder != folders.rend(); ++folder) {
    const auto files = names_in(top / *folder, error);
    for (auto file = files.rbegin(); !error && file != files.rend(); ++file) {
      auto text = read_note(top / *folder / *file);
      const auto checkpoint = text ? checkpoint_in(*text) : std::nullopt;
      if (checkpoint && checkpoint->origin == origin) return text;
    }
  }
  if (error) return outage(top, "read directory", error.value());
  return std::optional<std::string>{};
}

std::variant<std::optional<Anchor::Held>, AnchorFault> DirectoryAnchor::newest(const std::string& origin) {
  auto note = newest_note(origin);
  if (auto* fault = std::get_if<AnchorFault>(&note)) return std::move(*fault);
  const auto& text = std::get<std::optional<std::string>>(note);
  if (!text) return std::optional<Held>{};
  const auto checkpoint = checkpoint_in(*text);
  return std::optional(Held{checkpoint->size, checkpoint->root});
}

AnchoredNotes::AnchoredNotes(const std::filesystem::path& directory, const std::string& origin) : top_(folder_of(directory, origin)), origin_(origin) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    error_ = directory.string() + ": is no directory that can be read";
    return;
  }
  if (fs::exists(top_, error)) folders_ = names_in(top_, error);
  if (error) error_ = top_.string() + ": " + error.message();
}

const SignedCheckpoint* AnchoredNotes::next() {
  while (note_ == notes_.size() && folder_ < folders_.size()) load(folders_[folder_++]);
  return note_ < notes_.size() ? &notes_[note_++] : nullptr;
}

void AnchoredNotes::load(const std::string& folder) {
  std::error_code error;
  notes_.clear();
  note_ = 0;
  for (const std::string& file : names_in(top_ / folder, error)) {
    auto text = read_note(top_ / folder / file);
    auto checkpoint = text ? checkpoint_in(*text) : std::nullopt;
    if (checkpoint && checkpoint->origin == origin_) notes_.push_back({std::move(*checkpoint), std::move(*text), MerkleRange()});
    else ++unreadable_;
  }
  if (error) error_ = (top_ / folder).string() + ": " + error.message();
  std::sort(notes_.begin(), notes_.end(), [](const auto& a, const auto& b) { return a.checkpoint.size < b.checkpoint.size; });
}

}  // namespace pgward::audit
