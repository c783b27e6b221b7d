// The layer that the configuration is read with as well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/yaml/mapping.h"
#include "policy/yaml/parse.h"
#include "policy/yaml/scalar.h"

namespace pgward::policy::yaml {
namespace {

// Reads a one-line file with `read`, and says what came of it: the value, or the mistake.
template <typename Read>
std::string outcome(const std::string& text, Read read) {
  Mistakes mistakes("f");
  const auto node = parse(text, mistakes);
  std::optional<std::string> value;
  if (node)
    if (const auto got = read(*node, mistakes)) value = std::to_string(*got);
  const auto all = mistakes.take();
  if (value) return all.empty() ? *value : "both";
  return all.size() == 1 ? all[0].line() : "not one mistake";
}

TEST(YamlScalarTest, Durations) {
  const auto read = [](const Node& node, Mistakes& mistakes) {
    return duration_s(node, "ttl", {1, 86400}, mistakes);
  };
  const std::string wrong = "f:1:1: ttl must be a duration such as 90s, 15m or 12h, from 1s to 86400s";
  const std::pair<const char*, std::string> cases[] = {{"90s", "90"},
                                                       {"15m", "900"},
                                                       {"12h", "43200"},
                                                       {"1d", "86400"},
                                                       {"'15m'", "900"},
                                                       {"15", wrong},
                                                       {"m", wrong},
                                                       {"0s", wrong},
                                                       {"2d", wrong},
                                                       {"-5m", wrong},
                                                       {"1.5h", wrong},
                                                       {"15 m", wrong},
                                                       {"15M", wrong},
                                                       {"[15m]", wrong},
                                                       {"99999999999999999999d", wrong},
                                                       {"9223372036854775807d", wrong},
                                                       {"15ms", wrong}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(outcome(text, read), expected) << text;
}

TEST(YamlScalarTest, Integers) {
  const auto read = [](const Node& node, Mistakes& mistakes) {
    return integer(node, "threads", {0, 64}, mistakes);
  };
  const std::string wrong = "f:1:1: threads must be a whole number from 0 to 64";
  const std::pair<const char*, std::string> cases[] = {{"0", "0"},    {"64", "64"},   {"65", wrong},
                                                       {"-1", wrong}, {"4.0", wrong}, {"'4'", wrong},
                                                       {"4x", wrong}, {"0x4", wrong}, {"{}", wrong}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(outcome(text, read), expected) << text;
}

TEST(YamlScalarTest, Booleans) {
  const auto read = [](const Node& node, Mistakes& mistakes) { return boolean(node, "tls", mistakes); };
  EXPECT_EQ(outcome("on", read), "1");
  EXPECT_EQ(outcome("no", read), "0");
  EXPECT_EQ(outcome("ture", read),
            "f:1:1: tls must be one of true, false, on, off, yes, no, not 'ture'; did you mean 'true'?");
}

TEST(YamlScalarTest, OneTextOrMany) {
  Mistakes mistakes("f");
  const auto count = [&](const char* text) { return texts(*parse(text, mistakes), "x", mistakes).size(); };
  EXPECT_EQ(count("a"), 1u);
  EXPECT_EQ(count("[a, b]"), 2u);
  EXPECT_TRUE(mistakes.empty());
  for (const char* bad : {"[]", "{}", "[a, [b]]", "['']", "[~]"}) EXPECT_EQ(count(bad), 0u) << bad;
  EXPECT_EQ(mistakes.take().size(), 5u);
}

TEST(YamlParseTest, KeepsPlacesAndKinds) {
  Mistakes mistakes("f");
  const auto root = parse("# c\na:\n  - 'x'\n  - |\n    line\n  - ~\nb: {c: d}\n", mistakes);
  ASSERT_TRUE(root);
  const Node& list = root->entries[0].value;
  ASSERT_EQ(list.items.size(), 3u);
  EXPECT_EQ(mistakes.place(list.items[0]).text(), "f:3:5");
  EXPECT_TRUE(list.items[0].quoted);
  EXPECT_EQ(list.items[1].text, "line\n");
  EXPECT_EQ(list.items[2].kind, Node::Kind::null);
  EXPECT_EQ(mistakes.place(root->entries[1].value.entries[0].value).text(), "f:7:8");
}

TEST(YamlMappingTest, NotesWhatItDoesNotKnow) {
  Mistakes mistakes("f");
  const auto root = parse("{adress: a, port: 1, port: 2}", mistakes);
  const Mapping mapping(*root, "a listener", {"address", "port"}, mistakes);
  EXPECT_EQ(mapping.find("address"), nullptr);
  EXPECT_EQ(mapping.find("port")->text, "1");
  EXPECT_EQ(mapping.require("address"), nullptr);
  std::vector<std::string> said;
  for (const Mistake& mistake : mistakes.take()) said.push_back(mistake.line());
  EXPECT_THAT(said, testing::ElementsAre("f:1:1: a listener needs the key 'address'",
                                         "f:1:2: unknown key 'adress' of a listener; did you mean 'address'?",
                                         "f:1:22: key 'port' of a listener stands already in line 1"));
}

TEST(YamlShownTest, CutsBetweenCharacters) {
  EXPECT_EQ(shown("a\nb"), "'a?b'");
  const std::string longest(60, 'x');
  EXPECT_EQ(shown(longest), "'" + longest + "'");
  EXPECT_EQ(shown(longest + "x"), "'" + longest + "...'");
  EXPECT_EQ(shown(std::string(100, '\x91')), "'\x91...'");
  const std::string almost(59, 'x');
  EXPECT_EQ(shown(almost + "\xc3\xa9y"), "'" + almost + "...'");
}

}  // namespace
}  // namespace pgward::policy::yaml
