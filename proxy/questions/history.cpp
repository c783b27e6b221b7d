// What a record said before: its changes, oldest first, and whether each began where the one before ended.
#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>

#include "proxy/questions/questions.h"
#include "proxy/questions/rows.h"

namespace pgward::proxy {
namespace {

std::string value_text(const Json& column, const char* member) {
  const auto value = column.is_object() ? column.find(member) : column.end();
  if (!column.is_object() || value == column.end()) return "?";
  if (value->is_null()) return "null";
  return value->is_string() ? value->get<std::string>() : value->dump();
}

// A change that did not begin with the value that the last one left: somebody wrote around pgward, or it was rolled back.
class Values {
 public:
  // Columns of which the old value is not the one that is known.
  std::vector<std::string> take(const Json& change) {
    std::vector<std::string> odd;
    const auto columns = change.find("columns");
    if (columns == change.end() || !columns->is_array()) return odd;
    for (const Json& column : *columns) {
      const std::string name = text_in(column, "name"), before = value_text(column, "old"), after = value_text(column, "new");
      const auto known = last_.find(name);
      if (known != last_.end() && before != "?" && known->second != before) odd.push_back(name);
      if (after != "?") last_[name] = after;
    }
    return odd;
  }

 private:
  std::map<std::string, std::string> last_;
};

std::string shown(const Json& change) {
  if (!text_in(change, "sealed").empty()) return "(encrypted)";
  std::string all;
  const auto columns = change.find("columns");
  if (columns == change.end() || !columns->is_array()) return all;
  for (const Json& column : *columns)
    all.append(all.empty() ? "" : "  ").append(text_in(column, "name")).append(" ").append(value_text(column, "old").substr(0, 8)).append("->").append(value_text(column, "new").substr(0, 8));
  return all;
}

}  // namespace

int history(const Asking& asking, const History& wanted) try {
  auto question = Question::open("history", asking);
  if (!question) return 2;
  const std::string table = wanted.table.find('.') == wanted.table.npos ? "public." + wanted.table : wanted.table;
  const auto asked = question->pseudonyms(wanted.record.empty() ? std::vector<std::string>{} : keys_given({wanted.record}, std::cin), table);
  if (!asked) return 2;
  Answer answer = question->answer();
  answer.asked["tables"] = {table};
  std::set<std::string> hexes;
  for (const Pseudonymous& one : *asked) hexes.insert(one.hex);
  answer.asked["pseudonyms"] = std::vector<std::string>(hexes.begin(), hexes.end());
  answer.columns = {"time", "user", "role", "tenant", "action", "changed", "unexpected", "outcome", "seq"};
  for (const std::string& hex : hexes) {
    Values values;
    for (const audit::IndexHit& hit : question->trail().find(audit::IndexKind::changed, *audit::key_of_hex(hex))) {
      const Json record = question->trail().whole(hit.seq).record;
      const auto statement = question->trail().statement(hit.seq);
      const Json changes = record.contains("changes") ? record["changes"] : Json::array({record});
      for (const Json& change : changes) {
        const auto records = records_of_change(change);
        if (std::find(records.begin(), records.end(), hex) == records.end() || text_in(change, "table") != table) continue;
        // Also those before the range: what the first change in it should have begun with.
        const auto odd = values.take(change);
        if (!question->range().has(time_of(record))) continue;
        Json row = record_row(record);
        row["action"] = text_in(change, "action");
        row["changed"] = shown(change);
        row["change"] = change;
        row["unexpected"] = odd;
        row["outcome"] = statement ? text_in(statement->record, "sqlstate") : "";
        answer.rows.push_back(std::move(row));
      }
    }
  }
  if (answer.rows.empty()) answer.notes.push_back("no change of this record is in the trail; previous and new values are recorded of tables for which the policy says so");
  answer.notes.push_back("values are keyed hashes: equal ones are equal values. unexpected: the old value is not what the last recorded change left, so something else wrote it, or that was rolled back");
  return question->finish(std::move(answer));
} catch (const std::runtime_error& wrong) {
  return cannot_answer(wrong.what());
}

}  // namespace pgward::proxy
