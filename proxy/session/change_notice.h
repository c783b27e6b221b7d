// What the trigger of policy/change_trigger_sql.h says of one changed row, told from everything else that a server may say.
//
// Who could say the same? The word is the session's own, made at log-in, but a client may read it (current_setting). The
// context is the server's own account of who is speaking, innermost first: no RAISE can choose it, and no other function
// is shown by that name. Both must be right. What is like it without the word goes on to the scrubber as any message does; what has
// the word and is not the trigger's, as far as its context tells, is no message that could be let by: `ours`, without a notice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"
#include "proxy/session/row_json.h"

namespace pgward::proxy {

struct ChangeNotice {
  std::string table;  // name in the policy
  char action = 'U';  // I, U, D
  std::string xid;    // of the transaction
  bool nested = false;  // made by a function, which may have undone it before it ended
  // Columns as row_to_json() writes them, and those that are large as the SHA-256 of that, in hex.
  std::vector<JsonField> before, after, before_large, after_large;  // look into `text`
  std::shared_ptr<const std::string> text;
};

// Of a NoticeResponse. `ours` without a notice: the trigger's, and cannot be read.
struct ChangeRead {
  bool ours = false;
  std::optional<ChangeNotice> notice;
};
ChangeRead read_change_notice(protocol::ByteView body, std::string_view word);

}  // namespace pgward::proxy
