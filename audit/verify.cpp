#include "audit/verify.h"

#include <deque>

#include "audit/log_record.h"
#include "audit/record_stream.h"
#include "audit/sha256.h"
#include "audit/verdict.h"

namespace pgward::audit {
namespace {

// So far back a forged branch is traced to where it began.
constexpr std::size_t kRemembered = 64;

class Verification {
 public:
  explicit Verification(const std::filesystem::path& directory) : stream_(directory) {
    Record genesis;
    recent_.push_back(std::move(genesis));
  }

  VerifyReport run() {
    report_.error = stream_.error();
    if (report_.error.empty())
      while (step()) {
      }
    report_.segments = stream_.segments_read();
    if (report_.error.empty()) report_.head = hex_of(recent_.back().hash);
    if (report_.error.empty() && !report_.first_bad) report_.root = hex_of(tree_.root());
    return std::move(report_);
  }

 private:
  bool step() {
    RecordStream::Item item = stream_.next();
    if (auto* record = std::get_if<Record>(&item)) return place(std::move(*record));
    if (auto* bad = std::get_if<BadRecord>(&item)) {
      bad->seq = recent_.back().seq + 1;
      report_.first_bad = std::move(*bad);
    }
    return false;
  }

  bool place(Record record) {
    if (!follows(record, recent_.back())) {
      judge_it(record);
      return false;
    }
    if (record.line == 1 && record.segment > 1 && !names_tree(record)) return false;
    tree_.append(record.hash);
    ++report_.records;
    recent_.push_back(std::move(record));
    if (recent_.size() > kRemembered) recent_.pop_front();
    return true;
  }

  bool names_tree(const Record& record) {
    const auto named = tree_of_rotate(stream_.line(), segment_name(record.segment), segment_name(record.segment - 1));
    if (named && named->root() == tree_.root()) return true;
    report_.first_bad = BadRecord{stream_.path(record.segment), record.line, record.seq, "names another tree than that of the records before it"};
    return false;
  }

  void judge_it(const Record& odd) {
    Verdict verdict = judge(recent_, odd, stream_);
    const Record bad = verdict.bad != nullptr ? *verdict.bad : recent_[verdict.good];
    report_.first_bad =
        BadRecord{stream_.path(bad.segment), bad.line, verdict.seq, std::move(verdict.reason)};
    report_.records -= recent_.size() - verdict.good;
    recent_.resize(verdict.good);
  }

  RecordStream stream_;
  std::deque<Record> recent_;  // good ones, the last behind
  MerkleRange tree_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify(const std::filesystem::path& directory) {
  VerifyReport report = Verification(directory).run();
  // A log that is being written can be read across a write: zeros from before it, a record from after it.
  // What is really wrong is wrong at the same place when it is read again.
  for (int again = 0; again < 3 && report.first_bad; ++again) {
    VerifyReport second = Verification(directory).run();
    const bool same = second.first_bad && second.first_bad->seq == report.first_bad->seq &&
                      second.first_bad->reason == report.first_bad->reason;
    report = std::move(second);
    if (same) break;
  }
  return report;
}

}  // namespace pgward::audit
