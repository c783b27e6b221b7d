// A part of an evidence folder: what a person reads in index.html and a machine in evidence.json, from one place.
#pragma once

#include <string>
#include <vector>

namespace pgward::proxy {

struct EvidenceTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

struct EvidenceSection {
  std::string id;     // "log-ins"; safeguards refer to it
  std::string title;
  std::vector<std::string> notes;  // what one must know to read it
  std::vector<EvidenceTable> tables;
};

}  // namespace pgward::proxy
