// What a log says of itself, to be signed: so many records, and their root (C2SP tlog-checkpoint). Three more lines are
// ours:
//
//   pgward/main/5f0c6c1e22b09d41      origin: one log, whoever keeps it
//   184467                            records
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//   epoch 12                          which of the log's keys signs, from 1
//   time 2026-11-22T04:45:00.123456Z
//   key VKEY                          in the first one of a log: the key of epoch 1, which signs it
//   next-key VKEY                     in the last one of an epoch: whose key signs from now on
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/sha256.h"
#include "audit/signed_note.h"

namespace pgward::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  std::uint64_t epoch = 0;
  std::int64_t time_us = 0;
  std::optional<NoteKey> key, next_key;
};

std::string text_of(const Checkpoint& checkpoint);
// Exactly what text_of() writes.
std::optional<Checkpoint> parse_checkpoint(std::string_view text);

}  // namespace pgward::audit
