#include "audit/keyring.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "audit/base64.h"
#include "audit/line.h"
#include "audit/timestamp.h"

namespace pgward::audit {
namespace {

constexpr const char* kCurrent = "signing.key";
constexpr const char* kNext = "next.key";
constexpr std::string_view kTitle = "pgward audit signing key";
constexpr std::size_t kFileBytesMax = 4096;

IoResult failed(std::string_view step) { return IoError{step, errno}; }

IoResult sync_directory(const std::filesystem::path& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return failed("sync key directory");
  return std::nullopt;
}

IoResult write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("write key");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0 ? IoResult{} : failed("sync key");
}

IoResult wipe(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || ::lseek(fd, 0, SEEK_SET) != 0) return failed("wipe key");
  return write_all(fd, std::string(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), kFileBytesMax), '\0'));
}

IoResult erase(const std::filesystem::path& file) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return errno == ENOENT ? IoResult{} : failed("erase key");
  if (auto error = wipe(fd.get())) return error;
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return failed("erase key");
  return std::nullopt;
}

// Wiped when it goes.
struct SecretText {
  std::string text;
  ~SecretText() { OPENSSL_cleanse(text.data(), text.size()); }
};

std::string_view field(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == text.npos || !text.starts_with(name)) return {};
  const std::string_view value = text.substr(name.size(), end - name.size());
  text.remove_prefix(end + 1);
  return value;
}

}  // namespace

std::string Keyring::sign(const Checkpoint& checkpoint) const { return sign_note(text_of(checkpoint), key(), current_.key); }

std::optional<NoteKey> Keyring::next_key() const { return next_ ? std::optional(note_key(*next_)) : std::nullopt; }

IoResult Keyring::write(const char* file, const Held& held) const {
  SecretText all;
  all.text.reserve(kFileBytesMax);  // no copy is left behind by growing
  all.text.append(kTitle).append("\norigin ").append(origin_).append("\nepoch ").append(std::to_string(held.epoch)).append("\nsince ");
  append_timestamp(all.text, held.since_us);
  SecretText seed{to_base64(held.key.seed())};
  all.text.append("\nbegun ").append(begun_ ? "yes" : "no").append("\nseed ").append(seed.text).append("\n");

  const auto path = directory_ / file, fresh = directory_ / (std::string(file) + ".new");
  if (auto error = erase(fresh)) return error;
  const Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failed("create key");
  if (auto error = write_all(fd.get(), all.text)) return error;
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failed("rename key");
  return sync_directory(directory_);
}

std::variant<std::optional<Keyring>, std::string> Keyring::read(const std::filesystem::path& directory, const char* file) {
  const auto path = directory / file;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && (errno == ENOENT)) return std::optional<Keyring>{};
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return path.string() + ": " + failed("open")->text();
  if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0)
    return path.string() + ": a signing key must be a file that nobody else can read or write (chmod 600)";
  SecretText all{std::string(kFileBytesMax, '\0')};
  const ssize_t size = ::read(fd.get(), all.text.data(), kFileBytesMax);
  if (size < 0) return path.string() + ": " + failed("read")->text();

  std::string_view rest = std::string_view(all.text).substr(0, static_cast<std::size_t>(size));
  const std::string malformed = path.string() + ": is not a signing key of the audit trail";
  if (!rest.starts_with(kTitle)) return malformed;
  rest.remove_prefix(std::min(kTitle.size() + 1, rest.size()));
  const std::string origin(field(rest, "origin "));
  const std::string_view epoch = field(rest, "epoch "), since = field(rest, "since "), begun = field(rest, "begun ");
  auto seed = from_base64(field(rest, "seed "));
  if (!seed) return malformed;
  SecretText wiped{std::move(*seed)};
  auto key = SigningKey::of_seed(wiped.text);
  const auto since_us = timestamp_us(since);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(epoch.data(), epoch.data() + epoch.size(), number);
  if (!is_key_name(origin) || error != std::errc{} || end != epoch.data() + epoch.size() || number == 0 || !since_us || !key || !rest.empty())
    return malformed;
  std::optional<Keyring> keyring(Keyring(directory, origin, Held{std::move(*key), number, *since_us}));
  keyring->begun_ = begun == "yes";
  return keyring;
}

Keyring::Opened Keyring::create(const std::filesystem::path& directory, const std::string& instance, std::int64_t now_us) {
  if (!is_instance(instance)) return "the instance's name must be 1 to 64 of A-Z a-z 0-9 . _ -";
  std::error_code error;
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
  if (error) return directory.string() + ": " + error.message();
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return directory.string() + ": " + failed("make directory")->text();
  for (const char* file : {kCurrent, kNext})
    if (std::filesystem::exists(std::filesystem::symlink_status(directory / file, error))) return (directory / file).string() + ": there is a key already";
  Held first{SigningKey::fresh(), 1, now_us};
  // Two logs never have the same origin, whatever their instances are called.
  const std::string origin = "pgward/" + instance + "/" + sha256_hex(bytes_of(first.key.public_key())).substr(0, 16);
  Keyring keyring(directory, origin, std::move(first));
  if (auto wrong = keyring.write(kCurrent, keyring.current_)) return directory.string() + ": " + wrong->text();
  return keyring;
}

std::variant<std::optional<Keyring>, std::string> Keyring::open(const std::filesystem::path& directory) {
  auto current = read(directory, kCurrent);
  auto* found = std::get_if<std::optional<Keyring>>(&current);
  if (!found || !*found) return current;
  auto next = read(directory, kNext);
  if (auto* wrong = std::get_if<std::string>(&next)) return std::move(*wrong);
  // Left by a start that ended between two steps of a change of keys; whether it was named is for the log to say.
  if (auto& successor = std::get<std::optional<Keyring>>(next))
    if (successor->origin_ == (*found)->origin_ && successor->epoch() == (*found)->epoch() + 1) (*found)->next_ = std::move(successor->current_);
  return current;
}

IoResult Keyring::mark_begun() {
  if (begun_) return std::nullopt;
  begun_ = true;
  auto error = write(kCurrent, current_);
  if (error) begun_ = false;
  return error;
}

IoResult Keyring::prepare(std::int64_t now_us) {
  if (next_) return std::nullopt;
  Held next{SigningKey::fresh(), current_.epoch + 1, now_us};
  if (auto error = write(kNext, next)) return error;
  next_ = std::move(next);
  return std::nullopt;
}

IoResult Keyring::commit() {
  if (!next_) return std::nullopt;
  current_ = std::move(*next_);  // in memory at once: the log has named it
  next_.reset();
  // The descriptor outlives the name: at no moment is there no key, and the old one is overwritten all the same.
  const Fd old(::open((directory_ / kCurrent).c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!old) return failed("open key");
  if (::rename((directory_ / kNext).c_str(), (directory_ / kCurrent).c_str()) != 0) return failed("rename key");
  if (auto error = wipe(old.get())) return error;
  return sync_directory(directory_);
}

IoResult Keyring::drop_next() {
  next_.reset();
  return erase(directory_ / kNext);
}

}  // namespace pgward::audit
