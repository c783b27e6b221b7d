// Every rule of the packs, filled with a value in each slot: none of it may come out.
#include "rules/rulebook.h"
#include "rules/scrubber.h"
#include "tests/rules/clinic_names.h"

namespace pgward::rules {
namespace {

// What a value may look like: plain, quoted like an end, several lines, another message, a long number.
constexpr std::array<std::string_view, 7> kValues{
    "Quillon",
    "Quillon\" x",
    "Quillon\nPL/pgSQL function to_int(text) line 955123456 at RETURN",
    "x)=(Quillon) already exists. (y",
    "invalid input syntax for type integer: \"Quillon\"",
    "column \"Quillon\" does not exist",
    "955123456"};

std::string filled(const Template& text, std::string_view value) {
  std::string out = text.fixed().front();
  for (std::size_t i = 0; i < text.slots().size(); ++i) out.append(value).append(text.fixed()[i + 1]);
  return out;
}

std::string message_with(const Rule& rule, std::string_view value, const Scrubber& scrubber) {
  std::string sqlstate{rule.sqlstate == "*" ? "22000" : rule.sqlstate};
  sqlstate.resize(5, '0');
  std::string seen;
  for (const char field : rule.fields) {
    const Fields in{
        {'S', "ERROR"}, {'C', sqlstate}, {'M', "division by zero"}, {field, filled(rule.text, value)}};
    for (const auto& [code, text] : scrubber.scrub(in, ClinicNames{}).fields()) seen += text + "\n";
  }
  return seen;
}

TEST(PacksTest, EveryLineIsUnderstood) {
  const Rulebook book;
  EXPECT_EQ(book.bad_lines(), 0U);
  EXPECT_GT(book.rules().size(), 5000U);
}

TEST(PacksTest, NoValueComesOutOfAnyRule) {
  const Rulebook book;
  const Scrubber scrubber;
  for (const auto& rule : book.rules()) {
    if (rule.text.slots().empty()) continue;
    for (const auto value : kValues) {
      const auto seen = message_with(rule, value, scrubber);
      ASSERT_EQ(seen.find("Quillon"), seen.npos) << filled(rule.text, "...") << "\n" << seen;
      ASSERT_EQ(seen.find("955123456"), seen.npos) << filled(rule.text, "...") << "\n" << seen;
    }
  }
}

TEST(PacksTest, EveryConstantComesThrough) {
  const Rulebook book;
  const Scrubber scrubber;
  for (const auto& rule : book.rules()) {
    if (!rule.text.slots().empty() || rule.fields.find('M') == rule.fields.npos || rule.sqlstate.size() == 5)
      continue;
    const auto& text = rule.text.fixed().front();
    const auto scrubbed = scrubber.scrub({{'S', "ERROR"}, {'C', "22000"}, {'M', text}}, ClinicNames{});
    EXPECT_EQ(scrubbed.fields().at(2).second, text);
  }
}

}  // namespace
}  // namespace pgward::rules
