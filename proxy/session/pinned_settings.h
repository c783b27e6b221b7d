// Two reported settings change how the server reads SQL and not how we do. They are pinned at log-in and
// may not be set; if a ParameterStatus says otherwise all the same, the session must end.
#pragma once

#include "protocol/parameter_status.h"

namespace pgward::proxy {

inline bool breaks_pinned_setting(protocol::ByteView parameter_status_body) {
  auto status = protocol::decode_parameter_status(parameter_status_body);
  if (!status) return true;
  // The server makes every other spelling UTF8 (check_client_encoding()).
  if (status->name == "client_encoding") return status->value != "UTF8" && status->value != "UNICODE";
  if (status->name == "standard_conforming_strings") return status->value != "on";
  return false;
}

}  // namespace pgward::proxy
