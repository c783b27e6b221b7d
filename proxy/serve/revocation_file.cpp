#include "proxy/serve/revocation_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proxy/config/config.h"
#include "proxy/net/fd.h"

namespace pgward::proxy {
namespace {

constexpr std::uintmax_t kFileBytesMax = 64u << 20;

bool same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

std::string fault(std::string_view what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

bool RevocationFile::Look::operator==(const Look& other) const {
  return there == other.there && device == other.device && inode == other.inode && size == other.size &&
         same(modified, other.modified) && same(touched, other.touched);
}

RevocationFile::Look RevocationFile::look() const {
  struct stat file {};
  if (::stat(path_.c_str(), &file) != 0) return {};
  return {true, file.st_dev, file.st_ino, file.st_size, file.st_mtim, file.st_ctim};
}

std::optional<std::string> RevocationFile::open() {
  const Fd made(::open(path_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0640));
  if (!made) return fault("cannot be opened");
  seen_ = look();
  read();
  if (list_->bad_line() != 0) return "line " + std::to_string(list_->bad_line()) + " is no revocation";
  if (!list_->complete()) return "cannot be read";
  return std::nullopt;
}

void RevocationFile::read() {
  const auto text = read_file(path_, kFileBytesMax);
  if (text) list_ = std::make_shared<const auth::Revocations>(auth::Revocations::parse(*text, ++version_));
  else list_ = std::make_shared<const auth::Revocations>((list_ ? *list_ : auth::Revocations{}).without_file(++version_));
}

std::shared_ptr<const auth::Revocations> RevocationFile::changed() {
  // What changes while it is read has another look than before: it is read again next time.
  const Look now = look();
  if (now == seen_) return nullptr;
  seen_ = now;
  read();
  return list_;
}

std::optional<std::string> append_revocation(const std::filesystem::path& file, const auth::Revocation& revocation) {
  const Fd out(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!out) return fault("cannot be opened");
  std::string line = auth::revocation_line(revocation);
  // A person may have left the last line without its end.
  struct stat before {};
  char last = '\n';
  if (::fstat(out.get(), &before) != 0) return fault("cannot be read");
  if (before.st_size > 0 && ::pread(out.get(), &last, 1, before.st_size - 1) != 1) return fault("cannot be read");
  if (last != '\n') line.insert(line.begin(), '\n');
  // One write: two commands at once do not mix their lines.
  if (::write(out.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return fault("cannot be written");
  if (::fsync(out.get()) != 0) return fault("cannot be made durable");
  return std::nullopt;
}

}  // namespace pgward::proxy
