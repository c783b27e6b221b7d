#include "proxy/session/change_notice.h"

#include "policy/change_trigger_sql.h"
#include "protocol/error_response.h"

namespace pgward::proxy {
namespace {

// "<function> line 15 at RAISE", and what called it on further lines.
bool speaks(std::string_view context) {
  if (!context.starts_with(policy::kChangeContext)) return false;
  context.remove_prefix(policy::kChangeContext.size());
  const std::size_t digits = std::min(context.find_first_not_of("0123456789"), context.size());
  const std::string_view rest = context.substr(digits);
  return digits > 0 && (rest == " at RAISE" || rest.starts_with(" at RAISE\n"));
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
  if (!message.starts_with(policy::kChangeMessage) || !speaks(context)) return {};
  message.remove_prefix(policy::kChangeMessage.size());
  if (!message.starts_with(word) || message.substr(word.size(), 1) != " ") return {};
  ChangeRead found{true, read(message.substr(word.size() + 1))};
  if (found.notice) found.notice->nested = context.find('\n') != std::string_view::npos;
  return found;
}

}  // namespace pgward::proxy
