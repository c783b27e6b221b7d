// What can be wrong with bytes that should have been a message.
//
// A code and nothing else: no text here ever holds a client's bytes. "Short" (truncated) and "wrong"
// are told apart so that tests and logs can say which it was; a message whose frame is complete is
// lost either way.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <string_view>

namespace pgward::protocol {

enum class WireError {
  truncated,       // the body ends inside a field
  trailing_bytes,  // the body goes on after the last field
  bad_value,       // a field holds what the manual does not allow there
  too_large,       // longer, or of more parts, than is accepted
};

std::string_view to_text(WireError error);

template <class T>
using Result = boost::system::result<T, WireError>;

// Result::value() on an error is a broken promise of the caller, not an event of the wire.
[[noreturn]] void throw_exception_from_error(WireError error, const boost::source_location& place);

}  // namespace pgward::protocol
