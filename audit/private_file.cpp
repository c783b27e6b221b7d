#include "audit/private_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "audit/durable_file.h"
#include "audit/io.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kBytesMax = 128u << 10;

std::string failed(const std::filesystem::path& file, std::string_view step) { return file.string() + ": " + IoError{step, errno}.text(); }

}  // namespace

std::variant<std::optional<std::string>, std::string> read_private_file(const std::filesystem::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return std::optional<std::string>{};
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return failed(file, "open");
  if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0)
    return file.string() + ": must be a file that nobody else can read or write (chmod 600)";
  // No larger than the file: a tenant's key of 150 bytes is read with each log-in, and what a thread once had stays with it.
  std::string text(std::min(static_cast<std::size_t>(status.st_size), kBytesMax), '\0');
  const ssize_t size = ::read(fd.get(), text.data(), text.size());
  if (size < 0) return failed(file, "read");
  text.resize(static_cast<std::size_t>(size));
  return std::optional(std::move(text));
}

std::string write_private_file(const std::filesystem::path& file, std::string_view bytes) {
  return write_durably(file, file.string() + ".new", bytes, Reader::owner);
}

void wipe_text(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

}  // namespace pgward::audit
