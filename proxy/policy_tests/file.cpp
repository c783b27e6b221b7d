#include "proxy/policy_tests/file.h"

#include <algorithm>

#include "policy/nearest.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/parse.h"
#include "policy/yaml/scalar.h"

namespace pgward::proxy {
namespace {

namespace yaml = policy::yaml;

class Loader {
 public:
  explicit Loader(yaml::Mistakes& mistakes) : mistakes_(mistakes) {}

  void read(const yaml::Node& root, PolicyTests& out) {
    const yaml::Mapping top(root, "a file of policy tests", {"policy", "catalog", "identities", "tests"}, mistakes_);
    if (const auto* node = top.find("policy")) out.policy = yaml::text(*node, "the policy file", mistakes_).value_or("");
    if (const auto* node = top.find("catalog")) out.catalog = yaml::text(*node, "the catalog file", mistakes_).value_or("");
    if (const auto* node = top.find("identities"))
      yaml::for_each_entry(*node, "identities", mistakes_, [&](const yaml::Node& key, const yaml::Node& value) {
        if (auto one = identity(value)) identities_.emplace(key.text, std::move(*one));
      });
    const auto* tests = top.require("tests");
    if (tests == nullptr) return;
    for (const yaml::Node* node : yaml::one_or_many(*tests)) out.tests.push_back(test(*node));
    if (out.tests.empty()) mistakes_.add(*tests, "expected at least one test");
  }

 private:
  std::optional<Identity> identity(const yaml::Node& node) {
    const yaml::Mapping mapping(node, "an identity", {"role", "claims"}, mistakes_);
    if (!mapping.readable()) return std::nullopt;
    Identity one;
    if (const auto* role = mapping.require("role")) one.role = yaml::text(*role, "a role", mistakes_).value_or("");
    if (const auto* claims = mapping.find("claims"))
      yaml::for_each_entry(*claims, "claims", mistakes_, [&](const yaml::Node& key, const yaml::Node& value) {
        one.claims[key.text] = yaml::text(value, "the value of a claim", mistakes_).value_or("");
      });
    return one;
  }

  void who(const yaml::Node& node, PolicyTest& out) {
    if (node.kind == yaml::Node::Kind::mapping) {
      if (auto one = identity(node)) out.identity = std::move(*one);
      return;
    }
    const auto name = yaml::text(node, "the name of an identity", mistakes_);
    if (!name) return;
    if (const auto found = identities_.find(*name); found != identities_.end()) {
      out.identity = found->second;
      return;
    }
    std::vector<std::string> names;
    for (const auto& [known, unused] : identities_) names.push_back(known);
    mistakes_.add(node, "no identity is named '" + *name + "'" + policy::did_you_mean(*name, names));
  }

  // A statement may have several lines, which other texts may not.
  std::string statement(const yaml::Node& node) {
    if (node.is_scalar() && !node.text.empty()) return node.text;
    mistakes_.add(node, "expected a statement");
    return "";
  }

  void touches(const yaml::Node& node, PolicyTest& out) {
    out.touches.emplace();
    yaml::for_each_entry(node, "touches", mistakes_, [&](const yaml::Node& key, const yaml::Node& value) {
      auto& columns = (*out.touches)[key.text.find('.') == std::string::npos ? "public." + key.text : key.text];
      if (value.kind == yaml::Node::Kind::sequence && value.items.empty()) return;
      for (const yaml::Node* item : yaml::texts(value, "a column", mistakes_)) columns.push_back(item->text);
      std::sort(columns.begin(), columns.end());
    });
  }

  void expectations(const yaml::Mapping& mapping, PolicyTest& out) {
    if (const auto* node = mapping.require("expect"))
      out.expect = yaml::choice<Decision>(*node, "what is expected",
                                          {{"allowed", Decision::allowed}, {"rewritten", Decision::rewritten},
                                           {"passed", Decision::passed}, {"refused", Decision::refused}},
                                          mistakes_)
                       .value_or(Decision::allowed);
    const bool refused = out.expect == Decision::refused;
    if (const auto* node = mapping.find("reason")) {
      out.reason = yaml::text(*node, "the reason of a refusal", mistakes_);
      if (!refused) mistakes_.add(*node, "only what is refused has a reason");
    }
    if (const auto* node = mapping.find("becomes")) {
      out.becomes = statement(*node);
      if (refused) mistakes_.add(*node, "what is refused becomes nothing");
    }
    if (const auto* node = mapping.find("recorded")) out.recorded = yaml::boolean(*node, "recorded", mistakes_);
    if (const auto* node = mapping.find("touches")) touches(*node, out);
  }

  PolicyTest test(const yaml::Node& node) {
    PolicyTest out;
    out.place = mistakes_.place(node);
    const yaml::Mapping mapping(node, "a test", {"name", "as", "sql", "protocol", "search_path", "parameters", "expect",
                                                 "reason", "becomes", "recorded", "touches"}, mistakes_);
    if (!mapping.readable()) return out;
    if (const auto* name = mapping.require("name")) out.name = yaml::text(*name, "the name of a test", mistakes_).value_or("");
    if (const auto* as = mapping.require("as")) who(*as, out);
    if (const auto* sql = mapping.require("sql")) out.sql = statement(*sql);
    if (const auto* path = mapping.find("search_path"))
      for (const yaml::Node* schema : yaml::texts(*path, "a schema", mistakes_)) out.search_path.push_back(schema->text);
    if (const auto* parameters = mapping.find("parameters")) {
      out.protocol = policy::QueryProtocol::extended;
      for (const yaml::Node* item : yaml::one_or_many(*parameters))
        out.parameters.push_back(item->kind == yaml::Node::Kind::null ? std::nullopt : std::optional(item->text));
    }
    if (const auto* protocol = mapping.find("protocol"))
      out.protocol = yaml::choice<policy::QueryProtocol>(*protocol, "the protocol",
                                                         {{"simple", policy::QueryProtocol::simple},
                                                          {"extended", policy::QueryProtocol::extended}},
                                                         mistakes_)
                         .value_or(out.protocol);
    expectations(mapping, out);
    return out;
  }

  yaml::Mistakes& mistakes_;
  std::map<std::string, Identity> identities_;
};

}  // namespace

std::string_view name_of(Decision decision) {
  constexpr std::string_view kNames[] = {"allowed", "rewritten", "passed", "refused"};
  return kNames[static_cast<std::size_t>(decision)];
}

PolicyTests load_policy_tests(std::string_view text, const std::string& file) {
  yaml::Mistakes mistakes(file);
  PolicyTests out;
  if (const auto root = yaml::parse(text, mistakes)) Loader(mistakes).read(*root, out);
  out.mistakes = mistakes.take();
  if (!out.mistakes.empty()) out.tests.clear();
  return out;
}

}  // namespace pgward::proxy
