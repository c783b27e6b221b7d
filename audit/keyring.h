// The private keys of a log's checkpoints, in a directory of their own (mode 0700, files 0600): one signs, and once an
// epoch a fresh one takes its place, named by the last checkpoint that the old one signs. Then the old one is erased, on
// disk (overwritten, then removed: what a journal or an SSD keeps is out of our hands) and in memory. So whoever takes
// today's key cannot sign yesterday's checkpoints.
//
//   Keyring::create(directory, name, now)  a first key for a log that is to be begun ("pgward audit keygen")
//   Keyring::open(directory)               nothing there: nothing
//   begun()                                whether a log has been begun with it: then it belongs to that log only
//   sign(checkpoint)                       as a signed note
//   prepare(now)  commit()                 a successor: durable first, in force after the checkpoint that names it is
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "audit/checkpoint.h"
#include "audit/io.h"

namespace pgward::audit {

class Keyring {
 public:
  using Opened = std::variant<Keyring, std::string>;  // the text says why not
  static Opened create(const std::filesystem::path& directory, const std::string& instance, std::int64_t now_us);
  static std::variant<std::optional<Keyring>, std::string> open(const std::filesystem::path& directory);

  const std::string& origin() const { return origin_; }
  std::uint64_t epoch() const { return current_.epoch; }
  std::int64_t since_us() const { return current_.since_us; }
  bool begun() const { return begun_; }
  NoteKey key() const { return note_key(current_); }
  std::optional<NoteKey> next_key() const;

  std::string sign(const Checkpoint& checkpoint) const;

  IoResult mark_begun();
  IoResult prepare(std::int64_t now_us);  // again: the same successor
  IoResult commit();
  IoResult drop_next();  // it was never named

 private:
  struct Held {
    SigningKey key;
    std::uint64_t epoch = 1;
    std::int64_t since_us = 0;
  };
  Keyring(std::filesystem::path directory, std::string origin, Held current)
      : directory_(std::move(directory)), origin_(std::move(origin)), current_(std::move(current)) {}
  static std::variant<std::optional<Keyring>, std::string> read(const std::filesystem::path& directory, const char* file);
  NoteKey note_key(const Held& held) const { return {origin_, NoteKeyType::ed25519, held.key.public_key()}; }
  IoResult write(const char* file, const Held& held) const;

  std::filesystem::path directory_;
  std::string origin_;
  Held current_;
  std::optional<Held> next_;
  bool begun_ = false;
};

}  // namespace pgward::audit
