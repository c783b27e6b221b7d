#include "statements.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>

#include "tests/support/source_dir.h"

namespace pgward::tests {
namespace {

void add_case_file(const std::filesystem::path& path, std::vector<std::string>& out) {
  std::ifstream in(path);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("in: ")) {
      out.push_back(line.substr(4));
      inside = true;
    } else if (line.empty() || line.starts_with("== ") || line.starts_with("out: ") || line.starts_with("refused: ") ||
               line.starts_with("bind: ")) {
      inside = false;
    } else if (inside) {
      out.back() += "\n" + line;
    }
  }
}

// Whatever is named `sql`, at any depth.
void add_sql(const YAML::Node& node, std::vector<std::string>& out) {
  for (const auto& item : node) {
    if (node.IsMap() && item.first.as<std::string>("") == "sql" && item.second.IsScalar())
      out.push_back(item.second.as<std::string>());
    else
      add_sql(node.IsMap() ? item.second : item, out);
  }
}

}  // namespace

const std::vector<std::string>& statements() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out;
    for (const auto& file : std::filesystem::directory_iterator(source_dir() / "tests/policy/cases"))
      add_case_file(file.path(), out);
    const auto corpus = source_dir() / "../shared/corpus/isolation/cases";
    if (std::filesystem::exists(corpus))
      for (const auto& file : std::filesystem::recursive_directory_iterator(corpus))
        if (file.path().extension() == ".yaml") add_sql(YAML::LoadFile(file.path().string()), out);
    return out;
  }();
  return all;
}

}  // namespace pgward::tests
