// scrub: {allow_texts: ["visit is closed", {text: "bed % is taken", sqlstate: BED01, tests: {...}}]}
#include <algorithm>

#include "policy/file_parts.h"
#include "policy/yaml/mapping.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy {
namespace {

constexpr std::size_t kTextsMax = 500;

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

void read_tests(const yaml::Node& node, AllowedText& allowed, yaml::Mistakes& mistakes) {
  yaml::for_each_entry(node, "tests", mistakes, [&](const yaml::Node& raised, const yaml::Node& shown) {
    const auto expected = yaml::text(shown, "what a client gets", mistakes);
    if (expected) allowed.tests.push_back({raised.text, *expected, mistakes.place(raised)});
  });
}

std::optional<AllowedText> read_text(const yaml::Node& node, yaml::Mistakes& mistakes) {
  AllowedText allowed;
  const yaml::Node* text = &node;
  if (node.kind == yaml::Node::Kind::mapping) {
    const yaml::Mapping mapping(node, "an allowed text", {"text", "sqlstate", "tests"}, mistakes);
    text = mapping.require("text");
    if (const auto* sqlstate = mapping.find("sqlstate")) {
      allowed.sqlstate = yaml::text(*sqlstate, "sqlstate", mistakes).value_or("");
      if (!allowed.sqlstate.empty() && !is_sqlstate(allowed.sqlstate))
        mistakes.add(*sqlstate, "sqlstate " + yaml::shown(allowed.sqlstate) + " must be five digits and capitals, as in \"P0001\"");
    }
    if (const auto* tests = mapping.find("tests")) read_tests(*tests, allowed, mistakes);
  }
  if (text == nullptr) return std::nullopt;
  const auto written = yaml::text(*text, "an allowed text", mistakes);
  if (!written) return std::nullopt;
  allowed.text = *written;
  allowed.place = mistakes.place(*text);
  return allowed;
}

}  // namespace

void read_scrub(const yaml::Node& node, Policy& policy, yaml::Mistakes& mistakes) {
  const yaml::Mapping scrub(node, "scrub", {"allow_texts"}, mistakes);
  const auto* texts = scrub.find("allow_texts");
  if (texts == nullptr || (texts->kind == yaml::Node::Kind::sequence && texts->items.empty())) return;
  if (texts->kind == yaml::Node::Kind::sequence && texts->items.size() > kTextsMax)
    return mistakes.add(*texts, "more than 500 allowed texts");
  for (const yaml::Node* item : yaml::one_or_many(*texts)) {
    auto allowed = read_text(*item, mistakes);
    if (!allowed) continue;
    const bool twice = std::any_of(policy.allowed_texts.begin(), policy.allowed_texts.end(), [&](const AllowedText& other) {
      return other.text == allowed->text && other.sqlstate == allowed->sqlstate;
    });
    if (twice) mistakes.add(*item, "this text stands twice");
    policy.allowed_texts.push_back(std::move(*allowed));
  }
}

}  // namespace pgward::policy
