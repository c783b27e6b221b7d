// A whole segment: start-up and verification read the same bytes, and a log that was opened is intact.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "audit/log.h"
#include "audit/verify.h"

using namespace pgward::audit;

namespace {

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "pgward-fuzz-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

const std::filesystem::path& directory() {
  static const Scratch made;
  return made.path;
}

void write_segment(const std::uint8_t* data, std::size_t size) {
  const int fd = ::open((directory() / "000001.jsonl").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (fd < 0 || ::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  ::close(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::filesystem::remove(directory() / "000002.jsonl");
  write_segment(data, size);
  const VerifyReport before = verify(directory());
  LogConfig config;
  config.directory = directory();
  auto opened = Log::open(config, 0);
  const bool is_open = std::holds_alternative<std::unique_ptr<Log>>(opened);
  if (!before.first_bad && !is_open) std::abort();  // what is intact must open
  opened = std::string();
  if (is_open && before.records > 0 && !before.first_bad && verify(directory()).first_bad) std::abort();
  return 0;
}
