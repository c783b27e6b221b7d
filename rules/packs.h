// The rule packs of rules/packs/*.rules as the text they are. What the lines of each mean stands at the
// head of its file. "#" starts a comment line; empty lines do not count.
#pragma once

#include <string_view>

namespace pgward::rules {

extern const std::string_view kConditionPack;   // SQLSTATE and its condition name
extern const std::string_view kCorePack;        // reviewed templates
extern const std::string_view kTranslatedPack;  // the same in the server's other languages
extern const std::string_view kServerPack;      // generated: every other message text of the server
extern const std::string_view kVersionsPack;    // generated: texts of other versions
extern const std::string_view kLogTextPack;     // generated: words around the fields of the server's log
extern const std::string_view kLogPack;         // rules/packs/log.yaml
extern const std::string_view kWordPack;        // words of programs and names of people
extern const std::string_view kBuiltinPack;     // names and words that every PostgreSQL knows

// Calls visit(line) for each line of a pack that is neither empty nor a comment.
template <class Visit>
void for_each_line(std::string_view pack, Visit visit) {
  while (!pack.empty()) {
    const auto end = pack.find('\n');
    const auto line = pack.substr(0, end);
    pack.remove_prefix(end == std::string_view::npos ? pack.size() : end + 1);
    if (!line.empty() && line.front() != '#') visit(line);
  }
}

}  // namespace pgward::rules
