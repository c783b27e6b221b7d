#include "audit/verify.h"

#include <algorithm>
#include <deque>

#include "audit/attestation.h"
#include "audit/directory_anchor.h"
#include "audit/key_chain.h"
#include "audit/log_record.h"
#include "audit/record_stream.h"
#include "audit/retention.h"
#include "audit/sha256.h"
#include "audit/verdict.h"

namespace pgward::audit {
namespace {

// So far back a forged branch is traced to where it began.
constexpr std::size_t kRemembered = 64;

class Verification {
 public:
  Verification(const std::filesystem::path& directory, const VerifyOptions& options)
      : options_(options), stream_(directory), attestation_(options.key), directory_(directory) {
    recent_.emplace_back();
  }

  VerifyReport run() {
    report_.error = stream_.error();
    if (report_.error.empty())
      while (step()) {
      }
    report_.segments = stream_.segments_read();
    report_.signing = attestation_.signing();
    report_.signing.anchored = anchored_;
    if (report_.error.empty()) report_.head = hex_of(recent_.back().hash);
    if (report_.error.empty() && !report_.first_bad) report_.root = hex_of(tree_.root());
    return std::move(report_);
  }

 private:
  struct Witness {
    AnchoredNotes notes;
    const SignedCheckpoint* next;
    std::filesystem::path place;
  };

  bool step() {
    RecordStream::Item item = stream_.next();
    if (auto* record = std::get_if<Record>(&item)) return place(*record);
    if (auto* bad = std::get_if<BadRecord>(&item)) {
      bad->seq = recent_.back().seq + 1;
      report_.first_bad = std::move(*bad);
    } else {
      at_end();
    }
    return false;
  }

  bool place(const Record& record) {
    if (recent_.size() == 1 && recent_.back().seq == 0 && record.line == 1 && record.segment > 1 && !begin_behind_purge(record)) return false;
    if (!follows(record, recent_.back())) {
      judge_it(record);
      return false;
    }
    if (record.line == 1 && record.segment > 1 && !names_tree(record)) return false;
    if (auto wrong = attestation_.before(stream_.line(), tree_); !wrong.empty()) return blame(record, std::move(wrong));
    if (auto odd = attestation_.question(); !odd.empty()) report_.questions.push_back(bad(record, std::move(odd)));
    if (purged_ && stream_.line().type == "retention.purge") look_for_purge();
    if (!anchors_open_ && attestation_.signing().epoch != 0) open_anchors();
    tree_.append(record.hash);
    ++report_.records;
    recent_.push_back(record);
    if (recent_.size() > kRemembered) recent_.pop_front();
    return witnesses_.empty() || ask_anchors(record);
  }

  // The oldest segments are gone. That they were purged has to stand further down.
  bool begin_behind_purge(const Record& record) {
    const auto tree = tree_of_rotate(stream_.line(), segment_name(record.segment), segment_name(record.segment - 1));
    if (!tree) return blame(record, "names no tree to go on from");
    tree_ = *tree;
    recent_.back().seq = record.seq - 1;
    recent_.back().hash = record.prev;
    purged_ = Purge{record.segment - 1, record.seq - 1, hex_of(record.prev), hex_of(tree_.root())};
    if (auto wrong = attestation_.adopt(key_changes(directory_, 0), tree_.end()); !wrong.empty()) return blame(record, std::move(wrong));
    return true;
  }

  void look_for_purge() {
    const auto made = purge_in(stream_.line().members);
    if (!made || !purged_ || made->through < purged_->through) return;
    if (made->through > purged_->through || (made->size == purged_->size && made->head == purged_->head && made->root == purged_->root)) purged_.reset();
  }

  BadRecord bad(const Record& record, std::string reason) const {
    return {stream_.path(record.segment), record.line, record.offset, record.seq, std::move(reason)};
  }
  bool blame(const Record& record, std::string reason) {
    report_.first_bad = bad(record, std::move(reason));
    return false;
  }

  bool names_tree(const Record& record) {
    const auto named = tree_of_rotate(stream_.line(), segment_name(record.segment), segment_name(record.segment - 1));
    if (named && named->root() == tree_.root()) return true;
    return blame(record, "names another tree than that of the records before it");
  }

  void open_anchors() {
    anchors_open_ = true;
    for (const auto& place : options_.anchors) {
      Witness witness{AnchoredNotes(place, attestation_.signing().origin), nullptr, place};
      if (!witness.notes.error().empty()) report_.error = witness.notes.error();
      witnesses_.push_back(std::move(witness));
    }
    for (Witness& witness : witnesses_) witness.next = witness.notes.next();
  }

  // Behind each record: those who hold a checkpoint of so many.
  bool ask_anchors(const Record& record) {
    for (Witness& witness : witnesses_)
      for (; witness.next != nullptr && witness.next->checkpoint.size <= tree_.end(); witness.next = witness.notes.next()) {
        const Checkpoint& held = witness.next->checkpoint;
        // The anchor came later than the log: what it holds of earlier sizes cannot be compared any more, and none is made.
        if (held.size < tree_.end()) continue;
        if (held.root == tree_.root()) ++anchored_;
        else return blame(record, contradiction(witness, held));
      }
    return true;
  }

  std::string contradiction(const Witness& witness, const Checkpoint& held) const {
    const auto note = parse_note(witness.next->note);
    const auto key = attestation_.key_of(held.epoch);
    const std::string place = "anchor " + witness.place.string();
    if (key && note && !is_signed_by(*note, *key)) return place + " holds a checkpoint of so many records that no key of this log has signed";
    return place + " holds another history of the first " + std::to_string(held.size) +
           " records: they were written anew, or another copy of this log was in use";
  }

  void at_end() {
    if (purged_) {
      report_.first_bad = BadRecord{stream_.path(1), 1, 0, 1, "this segment is missing, and no purge was recorded"};
      return;
    }
    if (auto wrong = attestation_.end(); !wrong.empty()) return end_is_wrong(std::move(wrong));
    for (Witness& witness : witnesses_) {
      if (witness.next == nullptr) continue;
      return end_is_wrong("anchor " + witness.place.string() + " holds a checkpoint of " + std::to_string(witness.next->checkpoint.size) +
                          " records: the end of the log was cut off, or this is an older copy");
    }
    if (!options_.anchors.empty() && !anchors_open_) end_is_wrong("the log is not signed: it cannot be compared with its anchors");
  }

  void end_is_wrong(std::string reason) {
    const Record& last = recent_.back();
    report_.first_bad = BadRecord{stream_.path(std::max(last.segment, SegmentNumber{1})), last.line + 1, stream_.offset(), last.seq + 1, std::move(reason)};
  }

  void judge_it(const Record& odd) {
    Verdict verdict = judge(recent_, odd, stream_);
    const Record& first = verdict.bad != nullptr ? *verdict.bad : recent_[verdict.good];
    report_.first_bad = bad(first, std::move(verdict.reason));
    report_.first_bad->seq = verdict.seq;
    report_.records -= recent_.size() - verdict.good;
    recent_.resize(verdict.good);
  }

  const VerifyOptions& options_;
  RecordStream stream_;
  Attestation attestation_;
  std::deque<Record> recent_;  // good ones, the last behind
  MerkleRange tree_;
  std::vector<Witness> witnesses_;
  bool anchors_open_ = false;
  std::filesystem::path directory_;
  std::optional<Purge> purged_;  // what is missing, and not yet explained
  std::uint64_t anchored_ = 0;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify(const std::filesystem::path& directory, const VerifyOptions& options) {
  VerifyReport report = Verification(directory, options).run();
  // A log that is being written can be read across a write: zeros from before it, a record from after it.
  // What is really wrong is wrong at the same place when it is read again.
  for (int again = 0; again < 3 && report.first_bad; ++again) {
    VerifyReport second = Verification(directory, options).run();
    const bool same = second.first_bad && second.first_bad->seq == report.first_bad->seq &&
                      second.first_bad->reason == report.first_bad->reason;
    report = std::move(second);
    if (same) break;
  }
  return report;
}

}  // namespace pgward::audit
