#include "audit/inbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <variant>

#include "audit/durable_file.h"
#include "audit/io.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kFolder = "inbox";
constexpr std::size_t kBytesMax = 256u << 10;
constexpr std::size_t kFilesMax = 1000, kTroublesMax = 100;  // of one look

const std::map<std::string, std::set<std::string>, std::less<>>& taken() {
  static const std::map<std::string, std::set<std::string>, std::less<>> kTaken{
      {"trail.read", {"id", "at", "os_user", "uid", "command", "pseudonyms", "tables", "users", "credentials", "types", "tenants", "from", "to", "records", "through_seq", "through"}},
      {"review.sign", {"id", "at", "os_user", "uid", "case", "about", "rule", "result", "records", "through_seq"}}};
  return kTaken;
}

std::string failed(const fs::path& file, std::string_view step) { return file.string() + ": " + IoError{step, errno}.text(); }

// Who can, where this user cannot.
std::string as_whom(const fs::path& log) {
  struct stat status {};
  if (::stat(log.c_str(), &status) != 0 || status.st_uid == ::geteuid()) return "";
  return "; as the user that the log belongs to it can: sudo -u '#" + std::to_string(status.st_uid) + "' pgward ...";
}

// Only texts, numbers, and lists of them: nothing that an index could take for more.
bool is_plain(const ordered_json& value) {
  if (value.is_array()) return std::all_of(value.begin(), value.end(), [](const ordered_json& one) { return one.is_string() || one.is_number_integer(); });
  return value.is_string() || value.is_number_integer() || value.is_boolean();
}

struct Read {
  std::string text;  // empty: what is there is no record, whatever it says
  std::uint64_t owner = 0;
};
std::variant<Read, IoError> read_one(const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ELOOP) return Read{};  // a symbolic link
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return IoError{"open", errno};
  Read read{{}, status.st_uid};
  if (!S_ISREG(status.st_mode) || status.st_size > static_cast<off_t>(kBytesMax)) return read;
  read.text.resize(kBytesMax);
  const ssize_t size = ::read(fd.get(), read.text.data(), read.text.size());
  if (size < 0) return IoError{"read", errno};
  read.text.resize(static_cast<std::size_t>(size));
  return read;
}

}  // namespace

std::string put_in_inbox(const fs::path& log, std::string_view record) {
  const fs::path folder = log / kFolder;
  std::string line(record);
  line += '\n';
  // Set aside later it would be too late: what it tells of would have been done.
  if (line.size() > kBytesMax || inbox_members(record, ::geteuid()).empty()) return folder.string() + ": it is too long, or no record that is taken from an inbox";
  // Named for what it says: the record has an id of its own. Who runs pgward reads it, whoever wrote it.
  const std::string name = sha256_hex(record).substr(0, 32);
  std::string wrong = make_folder(folder);
  if (wrong.empty()) wrong = write_durably(folder / (name + ".json"), folder / (name + ".new"), line, Reader::all);
  return wrong.empty() ? "" : wrong + as_whom(log);
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
  const auto trouble = [&](std::string text) {
    if (troubles.size() < kTroublesMax) troubles.push_back(std::move(text));
  };
  std::error_code error;
  fs::directory_iterator entry(log / kFolder, error);
  std::size_t taken = 0;
  // Where one cannot be read the others are all the same.
  for (const fs::directory_iterator end; !error && entry != end && taken < kFilesMax; entry.increment(error)) {
    const fs::path file = entry->path();
    if (file.extension() != ".json") continue;
    auto text = read_one(file);
    if (const IoError* why = std::get_if<IoError>(&text)) {
      trouble(file.string() + ": " + why->text() + "; it stays until it can be read");
      continue;
    }
    const Read& read = std::get<Read>(text);
    std::string members = inbox_members(read.text, read.owner);
    if (members.empty()) {
      const bool aside = ::rename(file.c_str(), (file.string() + ".refused").c_str()) == 0;
      trouble(file.string() + ": is no record that is taken from an inbox; " + (aside ? "set aside" : IoError{"set aside", errno}.text()));
      continue;
    }
    if (!record(std::move(members))) break;  // the log does not work: another time
    ++taken;
    if (::unlink(file.c_str()) != 0) trouble(failed(file, "remove"));
  }
  if (error && error != std::errc::no_such_file_or_directory) trouble((log / kFolder).string() + ": " + error.message());
  return troubles;
}

}  // namespace pgward::audit
