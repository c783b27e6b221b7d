// Evidence about some days, gathered: reads the whole trail once, and verifies it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/verify.h"
#include "proxy/config/config.h"
#include "proxy/evidence/folder.h"

namespace pgward::proxy {

struct EvidenceWanted {
  std::int64_t from_us = 0, to_us = 0, now_us = 0;
  std::size_t samples = 25;
  std::uint64_t seed = 0;
  audit::VerifyOptions verify;
};

struct Gathered {
  EvidenceFiles files;
  std::vector<std::string> about;  // for the manifest
  bool intact = false;             // the trail verifies, and nothing has to be explained
  std::string error;               // nothing could be gathered
};

Gathered gather_evidence(const Config& config, const EvidenceWanted& wanted);

}  // namespace pgward::proxy
