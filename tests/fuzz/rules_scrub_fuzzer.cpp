// Arbitrary fields never crash the scrubber, and a value in any slot of any rule never comes out.
//
// Input: the first byte says how to read the rest: even: fields, each a letter and a text up to the next
// NUL; odd: two bytes choose a rule, the rest is the value around a canary in each of its slots.
#include <cstdlib>
#include <string>

#include "rules/rulebook.h"
#include "rules/scrubber.h"

namespace {

using namespace pgward::rules;

constexpr std::string_view kCanary = "Quillon955123456";

struct NoNames : KnownNames {
  bool knows(NameKind, std::string_view) const override { return false; }
};

Fields any_fields(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const auto end = std::min(text.find('\0'), text.size());
    if (end > 0) fields.emplace_back(text.front(), text.substr(1, end - 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

Fields fields_of_a_rule(const Rulebook& book, std::string_view text) {
  const auto number = static_cast<unsigned char>(text[0]) * 256U + static_cast<unsigned char>(text[1]);
  const Rule& rule = book.rules()[number % book.rules().size()];
  text.remove_prefix(2);
  const std::string value =
      std::string{text.substr(0, text.size() / 2)}.append(kCanary).append(text.substr(text.size() / 2));
  std::string message = rule.text.fixed().front();
  for (std::size_t i = 0; i < rule.text.slots().size(); ++i)
    message.append(value).append(rule.text.fixed()[i + 1]);
  const std::string sqlstate{rule.sqlstate.size() == 5 ? rule.sqlstate : "22000"};
  Fields fields{
      {'S', "ERROR"}, {'C', sqlstate}, {'M', rule.fields.front() == 'M' ? message : "division by zero"}};
  for (const char field : rule.fields) fields.emplace_back(field, message);
  return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scrubber scrubber;
  static const Rulebook book;
  if (size < 3) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const bool of_a_rule = data[0] % 2 == 1;
  const auto scrubbed =
      scrubber.scrub(of_a_rule ? fields_of_a_rule(book, text) : any_fields(text), NoNames{});
  for (const auto& [code, out] : scrubbed.fields())
    if (of_a_rule && out.find(kCanary) != out.npos) std::abort();
  return 0;
}
