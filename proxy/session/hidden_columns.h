// Columns that pgward added to an answer (policy::AddedKey) and that the client must not see: they are taken out of the
// server's messages, and what the client says of the columns that it knows is said of all of them.
//
// They are the first of each row, so a row whose end is not here yet can go on already. Nothing is taken for granted: what
// does not look as it must is no answer of ours (nullopt), and the session ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/bind.h"
#include "protocol/bytes.h"
#include "proxy/session/gate.h"

namespace pgward::proxy {

using protocol::Bytes;
using protocol::ByteView;

struct Hidden {
  std::size_t columns = 0;
  bool all = false;  // the client asked for no rows
  explicit operator bool() const { return columns > 0; }
};
// Of the statement with this index, when its text went to the server as it was planned.
Hidden hidden_of(const Statement& statement, std::size_t index);
bool hides_columns(const Statement& statement);  // any of them does

// Messages of the server, without those columns: a RowDescription, NoData in its place, DataRows. Never an error.
class Trimmed {
 public:
  // Of a RowDescription.
  static std::optional<Trimmed> description(ByteView message, std::size_t hidden);
  static bool names_hidden(ByteView description);  // one of its columns has their name, or it cannot be read
  static Trimmed no_data();
  // Of all DataRows that stand whole at the front of `input`, which is moved behind them; counted in `count`.
  static std::optional<Trimmed> rows(ByteView& input, std::size_t hidden, std::uint64_t& count);
  // Of one whose end is not here: what stands in front of the columns that the client sees. `used`: bytes of `input` that
  // this is made of; 0 when more of them are due.
  static std::optional<Trimmed> front_of_row(ByteView input, std::size_t hidden, std::size_t& used);

  Bytes take() && { return std::move(bytes_); }

 private:
  Trimmed() = default;
  Bytes bytes_;
};

// A Bind whose list of result formats has one for each column: with one for each hidden column in front (text), or without
// any when the client asked for no rows. Empty: it may stay as it is.
Bytes bind_for_hidden(ByteView whole, const protocol::Bind& message, const Hidden& hidden);
// Of a portal whose rows the client did not ask for: all at once, as it would run without them.
Bytes execute_at_once(ByteView portal);

}  // namespace pgward::proxy
