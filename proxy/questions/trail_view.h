// A log as questions look at it: whole records by number, and all that the log says about a statement.
//
//   TrailView::open(directory, tell)
//   find(kind, key, range)    the records that may be meant, oldest first
//   record(seq)               as it stands there
//   whole(seq)                with what its session and statement said before (audit/complete.h)
//   statement(seq)            everything about the statement that a record belongs to, as one
//
// What stood there when it was opened; one thread. What should be there and cannot be read is a std::runtime_error: an answer
// without it would pass for a whole one.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "audit/complete.h"
#include "audit/index/shelf.h"

namespace pgward::proxy {

using Json = nlohmann::ordered_json;

class TrailView {
 public:
  static std::variant<TrailView, std::string> open(const std::filesystem::path& directory, std::function<void(const std::string&)> tell);

  audit::IndexShelf& shelf() { return shelf_; }
  const std::filesystem::path& directory() const { return directory_; }

  std::vector<audit::IndexHit> find(audit::IndexKind kind, const audit::IndexKey& key, const audit::TimeRange& range = {});
  std::string line(std::uint64_t seq);
  const Json& record(std::uint64_t seq);  // good until the next call
  audit::CompleteEvent whole(std::uint64_t seq);

  // The first record of a statement, complete, with how it ended: rows, sqlstate. "parts": the numbers of all its records, of which each
  // says for itself whom it touched.
  struct Statement {
    Json record;
    std::vector<std::uint64_t> parts;
    std::string session;
    std::uint64_t number = 0;
  };
  // Nothing: that record is about no statement.
  std::optional<Statement> statement(std::uint64_t seq);

  // All records of a session, in order; `seq` is one of them.
  std::vector<std::uint64_t> of_session(const std::string& session, std::uint64_t seq);

  const std::string& trouble() const { return trouble_; }  // the first: an answer without it would not be complete

 private:
  TrailView(std::filesystem::path directory, audit::IndexShelf shelf) : directory_(std::move(directory)), shelf_(std::move(shelf)) {}
  struct Told {
    std::vector<audit::IndexHit> all;  // of the session, in order
    std::uint64_t through = 0;         // up to this record
  };
  // Null: it is not there, or no record.
  const Json& plain(std::uint64_t seq);
  const Told& told(const std::string& session, std::uint64_t seq);
  std::vector<std::uint64_t> parts_of(const std::string& session, std::uint64_t number, std::uint64_t seq);
  std::vector<std::uint64_t> context(const Json& record, std::uint64_t seq);
  std::optional<audit::CompleteEvent> completed(std::uint64_t seq);
  std::uint64_t next_start(std::uint64_t seq);
  bool is_last(const audit::IndexHit& hit);
  void forget_some();
  void note(const std::string& wrong) {
    if (trouble_.empty()) trouble_ = wrong;
  }

  std::filesystem::path directory_;
  audit::IndexShelf shelf_;
  struct Kept {
    std::string line;
    Json record;
  };
  std::map<std::uint64_t, Kept> kept_;  // read lately
  std::map<std::string, Told> told_;
  std::optional<std::vector<audit::IndexHit>> starts_;  // of pgward
  std::map<std::pair<std::string, std::uint64_t>, std::vector<std::uint64_t>> parts_;
  std::string trouble_;
};

// Of a record.
std::string text_in(const Json& record, const char* member);
std::string text_in(const Json& record, const char* object, const char* member);
std::uint64_t number_in(const Json& record, const char* member);
std::int64_t time_of(const Json& record);
// "clinic_id=7 unit=2", or "none"; empty: it does not say.
std::string tenant_of(const Json& record);

}  // namespace pgward::proxy
