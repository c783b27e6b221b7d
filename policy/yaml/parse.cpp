#include "policy/yaml/parse.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "protocol/utf8.h"

namespace pgward::policy::yaml {
namespace {

// Ends the parsing; never leaves this file.
struct Stop {
  YAML::Mark mark;
  const char* why;
};

Node node_at(const YAML::Mark& mark, Node::Kind kind) {
  Node node;
  node.kind = kind;
  node.line = mark.line + 1;
  node.column = mark.column + 1;
  return node;
}

// yaml-cpp calls this with one event after another; it keeps the path of open collections.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const ParseLimits& limits) : limits_(limits) {}

  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    place(node_at(mark, Node::Kind::null), mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark, 1); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Node node = node_at(mark, Node::Kind::scalar);
    node.text = value;
    node.quoted = tag == "!";
    place(std::move(node), mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::optional<Node> key;  // of a mapping, when its value is still to come
    YAML::Mark mark;
  };

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Stop{mark, "anchors (&) and aliases (*) are not supported; write the value out"};
  }

  // "?" is what a plain value has, "!" a quoted one, both without anybody having written a tag.
  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") throw Stop{mark, "tags (!) are not supported"};
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() >= limits_.depth_max) throw Stop{mark, "nested too deeply"};
    open_.push_back({node_at(mark, kind), std::nullopt, mark});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.node), done.mark);
  }

  void place(Node node, const YAML::Mark& mark) {
    if (++nodes_ > limits_.nodes_max) throw Stop{mark, "too many values in one file"};
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      if (node.kind == Node::Kind::null) {  // stands nowhere: people look for it at its key
        node.line = parent.key->line;
        node.column = parent.key->column;
      }
      parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    }
  }

  const ParseLimits& limits_;
  std::size_t nodes_ = 0;
  std::vector<Open> open_;
  Node root_;
};

std::optional<Node> parse_document(std::string_view text, const ParseLimits& limits) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  TreeBuilder builder(limits);
  if (!parser.HandleNextDocument(builder)) return std::nullopt;
  Node root = builder.take_root();
  TreeBuilder second(limits);
  if (parser.HandleNextDocument(second))
    throw Stop{{}, "several documents in one file (---) are not supported"};
  return root;
}

}  // namespace

std::optional<Node> parse(std::string_view text, Mistakes& mistakes, const ParseLimits& limits) {
  const Node top;
  if (text.size() > limits.bytes_max) {
    mistakes.add(top, "file is larger than " + std::to_string(limits.bytes_max) + " bytes");
    return std::nullopt;
  }
  // yaml-cpp would guess at UTF-16 and mend broken UTF-8 silently.
  if (text.find('\0') != text.npos || !protocol::is_valid_utf8(text)) {
    mistakes.add(top, "file is not UTF-8 text");
    return std::nullopt;
  }
  try {
    std::optional<Node> root = parse_document(text, limits);
    if (root && root->kind != Node::Kind::null) return root;
    mistakes.add(top, "file is empty");
  } catch (const Stop& stop) {
    mistakes.add(node_at(stop.mark, Node::Kind::null), stop.why);
  } catch (const YAML::Exception& error) {
    mistakes.add(node_at(error.mark, Node::Kind::null), "not valid YAML: " + error.msg);
  }
  return std::nullopt;
}

}  // namespace pgward::policy::yaml
