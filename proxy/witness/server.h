// `pgward witness`: cosigns the checkpoints of other pgwards, over HTTPS (C2SP tlog-witness).
//
//   POST /add-checkpoint        "old SIZE", the consistency proof, an empty line, the note; the answer is our cosignature
//   GET  /checkpoint/ORIGIN     the last note we cosigned
//
// One thread. A connection has ten seconds for a request, and there are at most 64 of them. SIGTERM and SIGINT end it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pgward::proxy {

struct WitnessOptions {
  std::string listen = "127.0.0.1:6433", name;
  std::filesystem::path certificate, key, directory;
  std::vector<std::string> logs;  // verifier keys
  int ready_fd = -1;              // ADDRESS:PORT is written there when listening
};

// The exit status.
int witness(const WitnessOptions& options);

}  // namespace pgward::proxy
