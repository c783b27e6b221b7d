// A witness of other logs: remembers the newest checkpoint of each that it has seen, and cosigns the next one only when
// that is proved to begin with all of the last (C2SP tlog-witness). So a log can show two people two histories only by
// never showing one of them to the witness, and nobody can take back what the witness has seen.
//
//   WitnessBook::open(directory, name, logs)   makes its key when there is none yet
//   add(body, now)                             a request of add-checkpoint; what to answer
//   newest(origin)                             the last note of a log, cosigned
//
// What it answers is durable before. A log's key changes with its epochs: the checkpoint that names the next one is
// seen like all others, so the witness follows. Not thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/merkle_proof.h"

namespace pgward::audit {

class WitnessBook {
 public:
  struct Answer {
    int status = 200;  // of HTTP
    std::string body;  // text/plain, but for 409: text/x.tlog.size
  };

  // `logs`: the key of each log, as of now; once the log is known, its own changes of keys count.
  static std::variant<WitnessBook, std::string> open(std::filesystem::path directory, const std::string& name, const std::vector<NoteKey>& logs);

  const NoteKey& key() const { return key_; }
  Answer add(std::string_view body, std::uint64_t now_s);
  Answer newest(std::string_view origin) const;

 private:
  struct Seen {
    NoteKey key;              // whose turn it is
    std::uint64_t epoch = 0;  // 0: none seen yet
    std::uint64_t size = 0;
    Hash root{};
    std::string note;  // with our cosignature
  };
  WitnessBook(std::filesystem::path directory, NoteKey key, SigningKey signer)
      : directory_(std::move(directory)), key_(std::move(key)), signer_(std::move(signer)) {}
  std::string load(const NoteKey& log);
  bool store(const std::string& origin, const Seen& seen) const;
  std::filesystem::path file_of(const std::string& origin) const;

  std::filesystem::path directory_;
  NoteKey key_;
  SigningKey signer_;
  std::map<std::string, Seen, std::less<>> logs_;  // by origin
};

}  // namespace pgward::audit
