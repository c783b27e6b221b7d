// An anchor that is a directory, best one of a file system where nothing can be changed (WORM, a bucket with object
// lock, another machine): a file for each checkpoint, made once and never touched again:
//
//   DIRECTORY/<origin, '/' as '_'>/<size in millions, 8 digits>/<size, 16 digits>.note
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "audit/anchor.h"

namespace pgward::audit {

class DirectoryAnchor final : public Anchor {
 public:
  explicit DirectoryAnchor(std::filesystem::path directory) : directory_(std::move(directory)), name_(directory_.string()) {}
  const std::string& name() const override { return name_; }
  std::variant<std::optional<Held>, AnchorFault> newest(const std::string& origin) override;
  std::optional<AnchorFault> put(const SignedCheckpoint& checkpoint) override;
  // Any note whose text begins as a checkpoint does. Also what a witness keeps.
  std::optional<AnchorFault> put_note(const std::string& origin, std::uint64_t size, const Hash& root, const std::string& note);
  std::variant<std::optional<std::string>, AnchorFault> newest_note(const std::string& origin) const;

 private:
  std::filesystem::path directory_;
  std::string name_;
};

// All notes that such a directory holds of a log, smallest first, a folder of them in memory at a time.
class AnchoredNotes {
 public:
  AnchoredNotes(const std::filesystem::path& directory, const std::string& origin);
  // Good until the next call; nullptr: there are no more.
  const SignedCheckpoint* next();
  std::size_t unreadable() const { return unreadable_; }  // files that were no checkpoint of this log
  const std::string& error() const { return error_; }

 private:
  void load(const std::string& folder);

  std::filesystem::path top_;
  std::string origin_;
  std::vector<std::string> folders_;
  std::vector<SignedCheckpoint> notes_;
  std::size_t folder_ = 0, note_ = 0, unreadable_ = 0;
  std::string error_;
};

}  // namespace pgward::audit
