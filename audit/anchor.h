// A place outside of the log's machine that remembers its checkpoints: who cuts off, rolls back or forks the log cannot
// take back what was said there.
//
// newest() is asked once, before the log is written on: a log that does not lead to it is not the same log any more.
// put() is called from one thread, with checkpoints in order; it may wait, but not for ever.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "audit/checkpoint.h"
#include "audit/merkle_proof.h"

namespace pgward::audit {

struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string note;
  MerkleRange since;  // of the records since the checkpoint before this one
};

struct AnchorFault {
  bool refused = false;  // it holds something else than this log says: a fork or a roll-back, not an outage
  std::string reason;    // no secret, one line
};

class Anchor {
 public:
  struct Held {
    std::uint64_t size = 0;
    Hash root{};
  };
  virtual ~Anchor() = default;
  virtual const std::string& name() const = 0;
  virtual std::variant<std::optional<Held>, AnchorFault> newest(const std::string& origin) = 0;
  // Nothing: it holds it now.
  virtual std::optional<AnchorFault> put(const SignedCheckpoint& checkpoint) = 0;
};

}  // namespace pgward::audit
