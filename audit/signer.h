// Makes the checkpoint records of a log and changes its keys.
//
//   check(end)               before the log is written on: is it the one that these keys belong to?
//   draft(chain, now)        the record that says what `chain` holds; a new epoch's key in it when that is due
//   written(draft)           it is durable: the key it named is in force, and its predecessor erased
//
// One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "audit/anchor.h"
#include "audit/chain.h"
#include "audit/keyring.h"
#include "audit/log.h"
#include "audit/recover.h"

namespace pgward::audit {

class Signer {
 public:
  struct Draft {
    std::string members;
    SignedCheckpoint checkpoint;
  };

  // Opens the keys, or makes the first one when both log and keys are new.
  static std::variant<std::unique_ptr<Signer>, std::string> open(const SigningConfig& config, const LogConfig& log,
                                                                 const LogEnd& end, std::int64_t now_us);

  Draft draft(const Chain& chain, std::int64_t now_us);
  void written(const Draft& draft);
  const std::string& origin() const { return keys_.origin(); }
  // What went wrong with the key files last; the log goes on with the key it has. Empty: nothing.
  const std::string& trouble() const { return trouble_; }

 private:
  Signer(Keyring keys, std::filesystem::path log, std::int64_t epoch_us) : keys_(std::move(keys)), log_(std::move(log)), epoch_us_(epoch_us) {}
  std::string belongs(const LogEnd& end);
  void note_trouble(const IoResult& result);

  Keyring keys_;
  std::filesystem::path log_;
  std::int64_t epoch_us_;
  bool first_ = false;  // the next checkpoint is the log's first
  std::string trouble_;
};

}  // namespace pgward::audit
