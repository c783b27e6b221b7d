#include "audit/inbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/io.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kFolder = "inbox";
constexpr std::size_t kBytesMax = 256u << 10;
constexpr std::size_t kFilesMax = 1000;  // of one look

const std::map<std::string, std::set<std::string>, std::less<>>& taken() {
  static const std::map<std::string, std::set<std::string>, std::less<>> kTaken{
      {"trail.read", {"id", "at", "os_user", "uid", "command", "pseudonyms", "tables", "users", "credentials", "types", "tenants", "from", "to", "records", "through_seq", "through"}},
      {"review.sign", {"id", "at", "os_user", "uid", "case", "about", "rule", "result", "records"}}};
  return kTaken;
}

std::string failed(const fs::path& file, std::string_view step) { return file.string() + ": " + IoError{step, errno}.text(); }

bool write_whole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// Only texts, numbers, and lists of them: nothing that an index could take for more.
bool is_plain(const ordered_json& value) {
  if (value.is_array()) return std::all_of(value.begin(), value.end(), [](const ordered_json& one) { return one.is_string() || one.is_number_integer(); });
  return value.is_string() || value.is_number_integer() || value.is_boolean();
}

}  // namespace

std::string put_in_inbox(const fs::path& log, std::string_view record) {
  const fs::path folder = log / kFolder;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder, "make the directory");
  // Named for what it says: the record has an id of its own.
  const std::string name = sha256_hex(record).substr(0, 32);
  const fs::path fresh = folder / (name + ".new"), file = folder / (name + ".json");
  const Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failed(fresh, "create");
  std::string line(record);
  line += '\n';
  if (!write_whole(fd.get(), line) || ::fsync(fd.get()) != 0) return failed(fresh, "write");
  if (::rename(fresh.c_str(), file.c_str()) != 0) return failed(fresh, "rename");
  const Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory && ::fsync(directory.get()) == 0 ? "" : failed(folder, "sync");
}

std::string inbox_members(std::string_view record, std::uint64_t file_owner) {
  const auto parsed = ordered_json::parse(record, nullptr, false);
  if (!parsed.is_object()) return {};
  const auto type = parsed.find("type");
  if (type == parsed.end() || !type->is_string()) return {};
  const auto known = taken().find(type->get<std::string>());
  if (known == taken().end()) return {};
  ordered_json members{{"type", *type}};
  for (const auto& [name, value] : parsed.items()) {
    if (name == "type") continue;
    if (!known->second.contains(name) || !is_plain(value)) return {};
    members[name] = value;
  }
  members["file_owner"] = file_owner;
  const std::string text = members.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

std::vector<std::string> take_inbox(const fs::path& log, const std::function<bool(std::string members)>& record) {
  std::vector<std::string> troubles;
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(log / kFolder, error), end; !error && entry != end && files.size() < kFilesMax; entry.increment(error))
    if (entry->path().extension() == ".json") files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    std::string text(kBytesMax + 1, '\0');
    const bool is_file = fd && ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
    const ssize_t size = is_file ? ::read(fd.get(), text.data(), text.size()) : -1;
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    std::string members = text.size() <= kBytesMax ? inbox_members(text, status.st_uid) : "";
    if (members.empty()) {
      ::rename(file.c_str(), (file.string() + ".refused").c_str());
      troubles.push_back(file.string() + ": is no record that is taken from an inbox; set aside");
      continue;
    }
    if (!record(std::move(members))) break;  // the log does not work: another time
    if (::unlink(file.c_str()) != 0) troubles.push_back(failed(file, "remove"));
  }
  return troubles;
}

}  // namespace pgward::audit
