// The table of Appendix A, looked up by SQLSTATE.
#include <unordered_map>

#include "rules/packs.h"
#include "rules/scrubber.h"

namespace pgward::rules {
namespace {

using Texts = std::unordered_map<std::string_view, std::string>;

Texts load() {
  Texts texts;
  for_each_line(kConditionPack, [&](std::string_view line) {
    const auto gap = line.find(' ');
    if (gap == std::string_view::npos) return;
    std::string text{line.substr(gap + 1)};
    for (char& c : text)
      if (c == '_') c = ' ';
    texts.emplace(line.substr(0, gap), std::move(text));
  });
  return texts;
}

}  // namespace

std::string_view condition_text(std::string_view sqlstate) {
  static const Texts texts = load();
  if (const auto exact = texts.find(sqlstate); exact != texts.end()) return exact->second;
  if (const auto its_class = texts.find(sqlstate.substr(0, 2)); its_class != texts.end())
    return its_class->second;
  return "error";
}

}  // namespace pgward::rules
