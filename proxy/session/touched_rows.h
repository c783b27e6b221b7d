// Which records and patients one running statement touches: from what it names, and from the rows that it gives.
//
//   TouchedRows touched(ring, keys, values);
//   touched.told_before()                       of one that was recorded before it ran: tell(Moment::intent), by another
//   touched.shape(layout)                       when the rows are described; never: they tell nothing
//   touched.row(body)                           each DataRow, whole; or begin_row() and more() for one in pieces
//   touched.tell(moment, ..)                    for the record that is written next: what is new
//
// It never claims less than the truth. A table of which not all can be known is `set` ("may include"); a row that cannot be
// read makes it so.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/touched.h"
#include "proxy/session/key_ring.h"
#include "proxy/session/key_values.h"
#include "proxy/session/row_shape.h"
#include "proxy/session/seen_keys.h"

namespace pgward::proxy {

class TouchedRows {
 public:
  // Before a statement that may change something; while its rows come; when it is over, or nobody knows how it ended.
  enum class Moment { intent, rows, end };

  // `quiet`: of a statement that touches no record itself (DECLARE): what it names is all there is.
  TouchedRows(KeyRing& ring, std::shared_ptr<const policy::StatementKeys> keys, KeyValues values, bool quiet);

  void shape(std::shared_ptr<const KeyLayout> layout);
  void row(ByteView body);
  void begin_row(std::size_t body_bytes);
  void more(ByteView piece);
  // Of a row that is not here as a whole: whether to wait for more of it, since what stands in front of its keys would leave
  // before it is told whose it is.
  bool waits(std::size_t row_bytes, std::size_t here) const { return layout_ && !layout_->keys.empty() && here < std::min(row_bytes, kFrontMax); }
  // Some of the row in pieces leaves now. If its keys are further back than anybody waits, it may be anybody's.
  void front_leaves();
  // Rows that cannot be read for keys are part of the answer (of COPY, in a shape that is not known), or it changed more
  // rows than it gave.
  void lose_rows() { lost_ = true; }

  // Its first words are in another record already.
  void told_before() {
    first_told_ = true;
    for (Table& table : tables_) table.told_of = true;
  }
  // So much is waiting to be told that it should be, now.
  bool full() const { return pending_ >= kPendingMax || clear_bytes_ >= kClearBytesMax; }
  bool pending() const { return pending_ > 0 || (lost_ && !lost_told_); }
  // The text of "touched" without its brackets; empty: nothing new. `about` and `nonce` are for keys that are sealed
  // (KeyRing::seals).
  using Nonce = std::function<std::string()>;
  std::string tell(Moment moment, std::string_view about, const Nonce& nonce);

 private:
  static constexpr std::size_t kFrontMax = 16u << 10;
  static constexpr std::size_t kPendingMax = 8192, kClearBytesMax = 128u << 10;
  static constexpr std::size_t kNamedMax = 4096;  // of a record: above, they are not told, and it is `set`

  // Keys of one table on their way into a record.
  struct Told {
    std::vector<audit::Pseudonym> records, subjects;
    std::string clear_records, clear_subjects;  // as JSON, if they are sealed
    bool empty() const { return records.empty() && subjects.empty(); }
  };
  struct Last {  // of a key of the rows: the bytes of the row before
    std::string bytes;
    bool any = false;
  };
  // The statement's own words for keys of one table.
  struct Named {
    Told told;
    bool complete = true;  // of each reference that the rows do not tell of
  };

  void take_all();
  void take(const KeyLayout::Key& key, std::size_t index);
  void nameless(std::size_t table);
  void note(std::size_t table, bool subject, bool of_rows, Told& into);  // parts_
  Named named(std::size_t table, bool before_rows);
  bool add_named(std::size_t table, bool subject, const std::vector<policy::KeyPlace>& places, Named& into);
  bool add_each(std::size_t table, bool subject, const std::vector<policy::KeySource>& sources, Named& into);
  bool rows_tell(std::size_t table, std::size_t reference) const;
  void add_entry(std::string& list, std::size_t table, audit::TouchMode mode, const Told* told, std::string_view about, const Nonce& nonce);
  static void append_clear(std::string& json, const std::vector<std::string>& parts);

  KeyRing& ring_;
  std::shared_ptr<const policy::StatementKeys> keys_;
  const KeyValues values_;
  std::shared_ptr<const KeyLayout> layout_;
  struct Table {
    Told rows;
    bool told_of = false;  // some record of this statement names it
    enum class Lost : std::uint8_t { no, yes, told } lost = Lost::no;  // rows of it were shown of which it is not known whose they are
  };
  std::vector<Table> tables_;       // as keys_
  std::vector<Last> last_;         // by key of the layout
  std::vector<std::optional<ByteView>> columns_;  // of the row at hand: those that are read
  std::vector<std::string> parts_;  // of the key at hand, in text form
  std::string key_;                 // the same as netstrings
  std::string row_key_;             // of the last key of a row
  std::uint32_t row_domain_ = 0;    // whose it was
  SeenKeys seen_;
  std::size_t pending_ = 0, clear_bytes_ = 0;
  bool quiet_, first_told_ = false, lost_ = false, lost_told_ = false;

  // A row in pieces: of its values only those are kept that are read.
  struct Cut {
    std::size_t left = 0;       // bytes of the message that are still to come
    std::string head;           // of the count or a length, so far
    bool counted = false, done = false;
    std::uint16_t column = 0;   // the one at hand
    std::size_t wanted = 0;     // in KeyLayout::read: the next that is kept
    std::int64_t value_left = -1;  // of the value at hand; -1: its length is due
    std::vector<std::optional<std::string>> values;
  };
  bool head_of(ByteView& piece, std::size_t bytes);
  void cut_length();
  void cut_done();
  Cut cut_;
};

}  // namespace pgward::proxy
