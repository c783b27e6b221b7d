// What `pgward audit verify|checkpoint|prove|keygen` do. Each gives the exit status.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pgward::proxy {

struct VerifyArguments {
  std::string directory, key;  // key empty: the log is taken at its word
  std::vector<std::string> anchors;
  bool json = false;
};
// 0 intact, 1 broken, 2 could not be checked, 3 intact, but something has to be explained (not signed, checkpoints that
// did not come)
int verify_trail(const VerifyArguments& arguments);

int show_checkpoint(const std::string& directory, bool json);

struct ProveArguments {
  std::string directory;
  std::uint64_t seq = 0, from = 0, size = 0;  // from not 0: of growth instead; size 0: of the last checkpoint
  bool json = false;
};
int prove(const ProveArguments& arguments);

struct HoldArguments {
  std::string directory, name, from, to, reason;  // days, YYYY-MM-DD; name empty: list them
  bool release = false;
};
int hold(const HoldArguments& arguments);

struct SubjectArguments {
  std::string keys, table;               // the directory of tenants' keys; table empty: a patient's
  std::vector<std::string> key, tenant;  // columns in the policy's order; ATTRIBUTE=VALUE
};
int show_pseudonym(const SubjectArguments& arguments);

int make_key(const std::string& directory, const std::string& instance, std::int64_t now_us);

}  // namespace pgward::proxy
