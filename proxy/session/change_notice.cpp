#include "proxy/session/change_notice.h"

#include <cctype>

#include "policy/change_trigger_sql.h"
#include "protocol/error_response.h"

namespace pgward::proxy {
namespace {

// "PL/pgSQL function pgward.tell_change() line 15 at RAISE" in the server's language, and what called it on further lines. The
// server quotes every name of a function that has more than small letters, digits and underscores in it.
bool speaks(std::string_view context) {
  const std::string_view line = context.substr(0, context.find('\n'));
  const std::size_t at = line.find(policy::kChangeFunction);
  if (at == std::string_view::npos) return false;
  std::string_view before = line.substr(0, at);
  std::string_view after = line.substr(at + policy::kChangeFunction.size());
  if (before.ends_with('"') && after.starts_with('"')) {  // Korean
    before.remove_suffix(1);
    after.remove_prefix(1);
  }
  if (before.find('"') != before.npos || after.find('"') != after.npos || after.starts_with('(')) return false;
  const bool part_of_a_name = !before.empty() && (std::isalnum(static_cast<unsigned char>(before.back())) != 0 || before.back() == '_' || before.back() == '.');
  const auto has = [&](std::string_view word) { return before.find(word) != before.npos || after.find(word) != after.npos; };
  return !part_of_a_name && has("PL/pgSQL") && has("RAISE") && line.find_first_of("0123456789") != line.npos;
}

bool read_row(std::string_view value, std::vector<JsonField>& row) {
  auto fields = json_fields(value);
  if (fields) row = std::move(*fields);
  return fields.has_value();
}

bool read_member(ChangeNotice& notice, const JsonField& member) {
  if (member.name == "old") return read_row(member.value, notice.before);
  if (member.name == "new") return read_row(member.value, notice.after);
  if (member.name == "old_large") return read_row(member.value, notice.before_large);
  if (member.name == "new_large") return read_row(member.value, notice.after_large);
  const auto text = json_text(member.value);
  if (!text) return false;
  if (member.name == "table") notice.table = *text;
  if (member.name == "xid") notice.xid = *text;
  if (member.name == "action" && text->size() == 1) notice.action = text->front();
  return true;
}

std::optional<ChangeNotice> read(std::string_view text) {
  ChangeNotice notice;
  notice.text = std::make_shared<const std::string>(text);
  const auto members = json_fields(*notice.text);
  if (!members) return std::nullopt;
  for (const JsonField& member : *members)
    if (!read_member(notice, member)) return std::nullopt;
  const bool known = notice.action == 'I' || notice.action == 'U' || notice.action == 'D';
  if (!known || notice.table.empty() || notice.xid.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return notice;
}

}  // namespace

ChangeRead read_change_notice(protocol::ByteView body, std::string_view word) {
  // Most notices are not, and need not be taken apart for it.
  if (word.empty() || body.find(policy::kChangeMessage) == protocol::ByteView::npos) return {};
  const auto fields = protocol::decode_fields(body);
  if (!fields || protocol::field(*fields, 'V') != "INFO") return {};
  std::string_view message = protocol::field(*fields, 'M');
  const std::string_view context = protocol::field(*fields, 'W');
  if (!message.starts_with(policy::kChangeMessage)) return {};
  message.remove_prefix(policy::kChangeMessage.size());
  if (!message.starts_with(word) || message.substr(word.size(), 1) != " ") return {};
  // Who says our word and is not the trigger, or cannot be told from it: a change may be lost.
  ChangeRead found{true, speaks(context) ? read(message.substr(word.size() + 1)) : std::nullopt};
  if (found.notice) found.notice->nested = context.find('\n') != std::string_view::npos;
  return found;
}

}  // namespace pgward::proxy
