// The revocation file as `serve` follows it: looked at several times a second (a file on another machine, or one that is
// replaced, tells nobody of its changes), read when it has changed.
//
//   RevocationFile file(path);
//   file.open()      before serving; the error says why it cannot be used
//   file.changed()   often, from one thread: the new list, or null when nothing has changed
//
// A file that is gone or cannot be read makes the list incomplete, as a line that cannot be read does: what it said
// last still counts, and nobody new is let in until it is back.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "auth/revocations.h"

namespace pgward::proxy {

class RevocationFile {
 public:
  explicit RevocationFile(std::filesystem::path path) : path_(std::move(path)) {}
  // Makes an empty one if there is none.
  std::optional<std::string> open();
  std::shared_ptr<const auth::Revocations> changed();
  std::shared_ptr<const auth::Revocations> list() const { return list_; }

 private:
  struct Look {
    bool there = false;
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{}, touched{};
    bool operator==(const Look& other) const;
  };
  Look look() const;
  void read();

  std::filesystem::path path_;
  Look seen_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const auth::Revocations> list_;
};

// Adds a line, durably. The error says what failed.
std::optional<std::string> append_revocation(const std::filesystem::path& file, const auth::Revocation& revocation);

}  // namespace pgward::proxy
