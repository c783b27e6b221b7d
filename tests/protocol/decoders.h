// Every decoder of typed messages behind one signature, so that tables, cuts and fuzzers can go through all.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "protocol/authentication.h"
#include "protocol/backend_key_data.h"
#include "protocol/bind.h"
#include "protocol/bodiless.h"
#include "protocol/close.h"
#include "protocol/command_complete.h"
#include "protocol/copy_fail.h"
#include "protocol/copy_response.h"
#include "protocol/data_row.h"
#include "protocol/describe.h"
#include "protocol/error_response.h"
#include "protocol/execute.h"
#include "protocol/function_call.h"
#include "protocol/message_types.h"
#include "protocol/negotiate_protocol_version.h"
#include "protocol/notification.h"
#include "protocol/parameter_description.h"
#include "protocol/parameter_status.h"
#include "protocol/parse.h"
#include "protocol/password.h"
#include "protocol/query.h"
#include "protocol/ready_for_query.h"
#include "protocol/row_description.h"
#include "protocol/sasl.h"

namespace pgward::protocol::testing_support {

// What is wrong with the body, if anything.
using Verdict = std::optional<WireError>;
using Judge = Verdict (*)(ByteView body);

template <auto decode>
Verdict verdict_of(ByteView body) {
  const auto result = decode(body);
  if (result) return std::nullopt;
  return result.error();
}

struct Decoder {
  char type;
  std::string_view name;
  Judge judge;
};

inline constexpr std::array kClientDecoders{
    Decoder{client::kQuery, "query", verdict_of<decode_query>},
    Decoder{client::kParse, "parse", verdict_of<decode_parse>},
    Decoder{client::kBind, "bind", verdict_of<decode_bind>},
    Decoder{client::kDescribe, "describe", verdict_of<decode_describe>},
    Decoder{client::kExecute, "execute", verdict_of<decode_execute>},
    Decoder{client::kClose, "close", verdict_of<decode_close>},
    Decoder{client::kFunctionCall, "function_call", verdict_of<decode_function_call>},
    Decoder{client::kCopyFail, "copy_fail", verdict_of<decode_copy_fail>},
    Decoder{client::kCopyDone, "copy_done", verdict_of<decode_bodiless>},
    Decoder{client::kSync, "sync", verdict_of<decode_bodiless>},
    Decoder{client::kFlush, "flush", verdict_of<decode_bodiless>},
    Decoder{client::kTerminate, "terminate", verdict_of<decode_bodiless>},
    Decoder{client::kPassword, "password", verdict_of<decode_password>},
    Decoder{client::kPassword, "sasl_initial", verdict_of<decode_sasl_initial>},
};

inline constexpr std::array kServerDecoders{
    Decoder{server::kAuthentication, "authentication", verdict_of<decode_authentication>},
    Decoder{server::kBackendKeyData, "backend_key_data", verdict_of<decode_backend_key_data>},
    Decoder{server::kBindComplete, "bind_complete", verdict_of<decode_bodiless>},
    Decoder{server::kCloseComplete, "close_complete", verdict_of<decode_bodiless>},
    Decoder{server::kCommandComplete, "command_complete", verdict_of<decode_command_complete>},
    Decoder{server::kCopyBothResponse, "copy_both", verdict_of<decode_copy_response>},
    Decoder{server::kCopyDone, "copy_done", verdict_of<decode_bodiless>},
    Decoder{server::kCopyInResponse, "copy_in", verdict_of<decode_copy_response>},
    Decoder{server::kCopyOutResponse, "copy_out", verdict_of<decode_copy_response>},
    Decoder{server::kDataRow, "data_row", verdict_of<decode_data_row>},
    Decoder{server::kEmptyQueryResponse, "empty_query", verdict_of<decode_bodiless>},
    Decoder{server::kErrorResponse, "error_response", verdict_of<decode_fields>},
    Decoder{server::kFunctionCallResponse, "function_call_response",
            verdict_of<decode_function_call_response>},
    Decoder{server::kNegotiateProtocolVersion, "negotiate", verdict_of<decode_negotiate_protocol_version>},
    Decoder{server::kNoData, "no_data", verdict_of<decode_bodiless>},
    Decoder{server::kNoticeResponse, "notice_response", verdict_of<decode_fields>},
    Decoder{server::kNotificationResponse, "notification", verdict_of<decode_notification>},
    Decoder{server::kParameterDescription, "parameter_description", verdict_of<decode_parameter_description>},
    Decoder{server::kParameterStatus, "parameter_status", verdict_of<decode_parameter_status>},
    Decoder{server::kParseComplete, "parse_complete", verdict_of<decode_bodiless>},
    Decoder{server::kPortalSuspended, "portal_suspended", verdict_of<decode_bodiless>},
    Decoder{server::kReadyForQuery, "ready_for_query", verdict_of<decode_ready_for_query>},
    Decoder{server::kRowDescription, "row_description", verdict_of<decode_row_description>},
};

}  // namespace pgward::protocol::testing_support
