// The anchor that is a witness: each checkpoint is sent to it with a proof that the log grew, and its cosignature is
// checked. Waits for the network; for the log's own threads only.
#pragma once

#include <filesystem>
#include <string>

#include "audit/anchor.h"
#include "proxy/upstream/https_get.h"

namespace pgward::proxy {

class WitnessClient final : public audit::Anchor {
 public:
  // `log`: the log's directory, for proofs that reach further back than the last checkpoint.
  WitnessClient(HttpsUrl url, std::string ca_file, audit::NoteKey key, std::filesystem::path log);
  const std::string& name() const override { return name_; }
  std::variant<std::optional<Held>, audit::AnchorFault> newest(const std::string& origin) override;
  std::optional<audit::AnchorFault> put(const audit::SignedCheckpoint& checkpoint) override;

 private:
  // What it said: the reply's status, and for 409 the size it holds.
  struct Outcome {
    std::optional<audit::AnchorFault> fault;
    std::optional<std::uint64_t> holds;
  };
  Outcome send(const audit::SignedCheckpoint& checkpoint, std::uint64_t old_size);
  std::optional<audit::AnchorFault> catch_up(const audit::SignedCheckpoint& checkpoint, std::uint64_t holds);
  std::optional<audit::MerklePath> proof(const audit::SignedCheckpoint& checkpoint, std::uint64_t old_size) const;

  HttpsUrl url_;
  std::string ca_file_;
  audit::NoteKey key_;
  std::filesystem::path log_;
  std::string name_;
  // What it holds, as far as we know, and the tree then: enough for the next proof.
  std::uint64_t held_ = 0;
  std::optional<audit::MerkleRange> tree_;
};

}  // namespace pgward::proxy
