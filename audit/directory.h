// The directory of a log, owned by one process: a lock file keeps a second writer out.
#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "audit/io.h"

namespace pgward::audit {

class Directory {
 public:
  // Makes it with mode 0700 when it is missing, and locks it. The text says why not.
  static std::variant<Directory, std::string> open(const std::filesystem::path& wanted);

  int fd() const { return fd_.get(); }
  const std::filesystem::path& path() const { return path_; }
  IoResult sync() const;  // makes names in it durable

 private:
  Directory(std::filesystem::path path, Fd fd, Fd lock);
  std::filesystem::path path_;
  Fd fd_;
  Fd lock_;  // flock: the kernel lets go of it when the process ends, however it ends
};

}  // namespace pgward::audit
