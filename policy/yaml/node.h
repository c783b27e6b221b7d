// A YAML file as a tree in which every value knows its place.
//
//   yaml::Mistakes mistakes("pgward.yaml");
//   const std::optional<yaml::Node> root = yaml::parse(text, mistakes);        // policy/yaml/parse.h
//   if (root) {
//     yaml::Mapping top(*root, "the configuration", {"threads", "log"}, mistakes);  // policy/yaml/mapping.h
//     if (const auto* node = top.find("threads")) threads = yaml::integer(*node, {1, 64}, mistakes);
//   }                                                                          // policy/yaml/scalar.h
//   if (!mistakes.empty()) show(mistakes.take());
//
// Nothing here knows what a policy or a configuration is. Readers never throw and never stop at the first
// mistake: a value that could not be read is `nullopt`, and its mistake has been noted.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/mistake.h"

namespace pgward::policy::yaml {

struct Entry;

struct Node {
  enum class Kind { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  int line = 1;
  int column = 1;
  std::string text;            // scalar
  bool quoted = false;         // scalar: '..' or ".." or a block, so never a number or null
  std::vector<Node> items;     // sequence
  std::vector<Entry> entries;  // mapping, in the order of the file

  bool is_scalar() const { return kind == Kind::scalar; }
};

struct Entry {
  Node key;
  Node value;
};

// Collects what is wrong with one file.
class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void add(const Node& node, std::string text) { add(place(node), std::move(text)); }
  void add(Place place, std::string text);
  Place place(const Node& node) const { return {file_, node.line, node.column}; }

  bool empty() const { return mistakes_.empty(); }
  // In the order of the file. A file with very many mistakes shows the first found ones.
  std::vector<Mistake> take();

 private:
  std::string file_;
  std::vector<Mistake> mistakes_;
};

// Neither empty nor with control characters (which "\n" and "\0" in double quotes would be): what names,
// paths and words in our files are made of.
bool is_one_line(const Node& node);

// A text out of a file, ready to be shown in one line: quoted, cut, without control characters.
std::string shown(std::string_view text);

}  // namespace pgward::policy::yaml
