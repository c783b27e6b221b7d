#include "audit/keeper.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "audit/inbox.h"
#include "audit/index/shelf.h"
#include "audit/json_text.h"
#include "audit/private_file.h"
#include "audit/retention.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

std::string hold_record(const std::vector<Hold>& holds, std::string_view text) {
  std::vector<std::string> names;
  for (const Hold& hold : holds) names.push_back(hold.name);
  std::string out;
  JsonMembers{out}.text("type", "retention.hold").texts("holds", names).text("sha256", sha256_hex(text));
  return out;
}

constexpr std::int64_t kInboxSeconds = 2;
constexpr int kNice = 10;
constexpr const char* kIndexed = "indexed";

std::string index_record(SegmentNumber number, const MadeIndex& index) {
  std::string out;
  JsonMembers{out}.text("type", "log.index").text("segment", segment_name(number)).number("size", index.shape.first_seq + index.shape.records - 1)
      .text("head", hex_of(index.shape.head)).number("version", std::uint64_t{kIndexVersion}).text("root", hex_of(index.root));
  return out;
}

// Statements come first: on the same processors.
void stand_back() {
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice));
}

}  // namespace

Keeper::Keeper(std::filesystem::path log, const RetentionConfig& config, Desk desk) : log_(std::move(log)), config_(config), desk_(std::move(desk)) {
  if (config_.look_s > 0) thread_ = std::thread([this] { run(); });
}

Keeper::~Keeper() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Keeper::run() {
  stand_back();
  const std::int64_t step = std::min(config_.look_s, kInboxSeconds);
  std::int64_t since = 0;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, std::chrono::seconds(step), [this] { return ends_; })) {
    lock.unlock();
    since += step;
    if (since >= config_.look_s) {
      look();
      since = 0;
    } else {
      take_in();
    }
    lock.lock();
  }
}

bool Keeper::ends() {
  const std::lock_guard lock(mutex_);
  return ends_;
}

void Keeper::tell(const std::string& trouble) {
  if (!trouble.empty() && config_.on_trouble) config_.on_trouble(trouble);
}

void Keeper::look() {
  take_in();
  watch_holds();
  purge_what_is_due();
  index();
  compress();
}

void Keeper::take_in() {
  const std::vector<std::string> troubles = take_inbox(log_, desk_.record);
  // What lasts is told once, not every two seconds.
  for (const std::string& trouble : troubles)
    if (std::find(inbox_troubles_.begin(), inbox_troubles_.end(), trouble) == inbox_troubles_.end()) tell(trouble);
  inbox_troubles_ = troubles;
}

// In order, and each recorded before it counts as done: what a start finds may have been made by anybody.
void Keeper::index() {
  if (!indexed_) {
    const auto text = read_private_file(log_ / kIndexed);
    const auto* there = std::get_if<std::optional<std::string>>(&text);
    indexed_ = there && *there ? segment_number((*there)->substr(0, (*there)->find('\n'))).value_or(0) : 0;
  }
  std::error_code error;
  auto numbers = list_segments(log_, error);
  if (!error && !numbers.empty()) sweep_indexes(log_, numbers.front());
  if (!numbers.empty()) numbers.pop_back();
  for (const SegmentNumber number : numbers) {
    if (number <= *indexed_) continue;
    if (ends()) return;
    const auto made = make_index(log_, number);
    if (const auto* wrong = std::get_if<std::string>(&made)) return tell(*wrong);
    if (!desk_.record(index_record(number, std::get<MadeIndex>(made)))) return;
    if (auto wrong = write_private_file(log_ / kIndexed, segment_name(number).append("\n")); !wrong.empty()) return tell(wrong);
    indexed_ = number;
  }
}

void Keeper::watch_holds() {
  const auto text = read_private_file(log_ / "holds");
  const auto* there = std::get_if<std::optional<std::string>>(&text);
  const std::string now = there ? there->value_or("") : "?";
  const auto holds = read_holds(log_);
  const bool first = holds_seen_ == "-";
  if (now == holds_seen_ || !std::holds_alternative<std::vector<Hold>>(holds)) return;
  // At a start there is nothing to say about no holds.
  if ((first && now.empty()) || desk_.record(hold_record(std::get<std::vector<Hold>>(holds), now))) holds_seen_ = now;
}

void Keeper::purge_what_is_due() {
  if (!config_.purge) return;
  const auto holds = read_holds(log_);
  if (const auto* wrong = std::get_if<std::string>(&holds)) return tell(*wrong);
  const auto due = purge_due(log_, desk_.unix_us() - config_.keep_s * 1'000'000, std::get<std::vector<Hold>>(holds),
                             [this](SegmentNumber number) { return unsigned_.in(number); });
  // Recorded first: what is gone without a record is tampering.
  if (due && desk_.record(retention_purge(*due))) tell(purge(log_, *due));
}

void Keeper::compress() {
  if (!config_.compress) return;
  for (const SegmentNumber number : uncompressed(log_)) {
    if (ends()) return;
    if (auto wrong = compress_segment(log_, number); !wrong.empty()) return tell(wrong);
  }
}

}  // namespace pgward::audit
