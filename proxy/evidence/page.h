// The pages of an evidence folder: index.html for people (self-contained, no script), evidence.json for machines. Both hold the
// same sections.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "proxy/evidence/section.h"

namespace pgward::proxy {

struct EvidencePage {
  std::string title;
  std::vector<std::pair<std::string, std::string>> about;  // "days" -> "2026-11-01T.. to .."
  std::vector<EvidenceSection> sections;
};

std::string html_of(const EvidencePage& page);
std::string json_of(const EvidencePage& page);

}  // namespace pgward::proxy
