// The thread that looks after old segments: indexes and compresses them when they are sealed, and purges them when their time is over
// and no hold keeps them. A change of the holds is recorded, and so is each purge before it is done, and what the index of a segment
// says (its root): an index that was made to keep something back does not fit that. It takes in what others put in the inbox, too.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "audit/log.h"
#include "audit/unsigned_openings.h"
#include "audit/segment_name.h"

namespace pgward::audit {

class Keeper {
 public:
  struct Desk {
    std::function<bool(std::string members)> record;  // true: it is durable
    std::function<std::int64_t()> unix_us;
  };
  Keeper(std::filesystem::path log, const RetentionConfig& config, Desk desk);
  ~Keeper();

  void look();  // what the thread does now and then; for tests

 private:
  void run();
  void watch_holds();
  void take_in();
  void index();
  void compress();
  void purge_what_is_due();
  void tell(const std::string& trouble);
  bool ends();

  const std::filesystem::path log_;
  const RetentionConfig config_;
  const Desk desk_;
  std::string holds_seen_ = "-";
  UnsignedOpenings unsigned_{log_};
  std::optional<SegmentNumber> indexed_;  // all up to this one
  std::vector<std::string> inbox_troubles_;  // of the last look
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace pgward::audit
