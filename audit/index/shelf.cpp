#include "audit/index/shelf.h"

#include <fcntl.h>

#include <algorithm>

#include "audit/line.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kOpenMax = 200;  // segments, two files each

// Whether this is the index of that segment, as far as can be told without reading all of it: the record behind its last one names it.
bool fits(const Sidecar& sidecar, int directory_fd, SegmentNumber number) {
  const SegmentShape& shape = sidecar.shape();
  const auto text = SegmentText::open(directory_fd, number);
  auto next = SegmentText::open(directory_fd, number + 1);
  const auto first = next ? next->first_line() : std::nullopt;
  if (!text || !first || shape.number != number || !text->holds(shape.bytes)) return false;
  const auto parsed = parse_line(*first);
  const Line* line = std::get_if<Line>(&parsed);
  return line != nullptr && line->prev_hash == shape.head && line->seq == shape.first_seq + shape.records;
}

std::optional<Sidecar> stored_index(int directory_fd, SegmentNumber number) {
  auto opened = Sidecar::open(index_in_file(directory_fd, index_name(number)));
  auto* sidecar = std::get_if<Sidecar>(&opened);
  if (sidecar == nullptr || !fits(*sidecar, directory_fd, number)) return std::nullopt;
  return std::move(*sidecar);
}

}  // namespace

std::vector<SegmentNumber> not_indexed(const std::filesystem::path& directory) {
  std::error_code error;
  auto numbers = list_segments(directory, error);
  if (!numbers.empty()) numbers.pop_back();  // that is being written
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::erase_if(numbers, [&](SegmentNumber number) { return stored_index(fd.get(), number).has_value(); });
  return numbers;
}

std::variant<IndexShelf, std::string> IndexShelf::open(std::filesystem::path directory, Config config) {
  std::error_code error;
  const auto numbers = list_segments(directory, error);
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!error && !fd) error = std::make_error_code(std::errc::io_error);
  if (error) return directory.string() + ": " + error.message();
  if (numbers.empty()) return directory.string() + ": there is no log here (no segment 000001.jsonl)";
  IndexShelf shelf(std::move(directory), std::move(fd), std::move(config));
  for (const SegmentNumber number : numbers) {
    shelf.parts_.emplace_back();
    shelf.parts_.back().number = number;
    shelf.parts_.back().sealed = number != numbers.back();
  }
  for (std::size_t n = 0; n < shelf.parts_.size(); ++n)
    if (std::string wrong = shelf.load(n); !wrong.empty()) return wrong;
  for (const Part& part : shelf.parts_) {
    if (part.shape.records == 0) continue;  // begun, and no record yet
    if (shelf.first_seq_ == 0) shelf.first_seq_ = part.shape.first_seq;
    else if (part.shape.first_seq != shelf.last_seq_ + 1) return shelf.directory_.string() + ": segments are missing before " + segment_name(part.number);
    shelf.last_seq_ = part.shape.first_seq + part.shape.records - 1;
  }
  return shelf;
}

std::string IndexShelf::damaged(const Part& part) const {
  return (directory_ / index_name(part.number)).string() + ": the index is damaged; pgward audit index makes it anew";
}

void IndexShelf::keep_few_open(std::size_t n) {
  open_.push_back(n);
  if (open_.size() <= kOpenMax) return;
  Part& oldest = parts_[open_.front()];
  open_.pop_front();
  if (oldest.stored) oldest.sidecar.reset();
  oldest.text.reset();
}

bool IndexShelf::from_file(Part& part, std::size_t n) {
  std::optional<Sidecar> stored;
  if (part.known) {
    auto opened = Sidecar::open(index_in_file(fd_.get(), index_name(part.number)));
    if (auto* sidecar = std::get_if<Sidecar>(&opened); sidecar != nullptr && sidecar->root() == part.root) stored = std::move(*sidecar);
  } else {
    stored = stored_index(fd_.get(), part.number);
  }
  if (!stored) return false;
  part.sidecar = std::move(stored);
  part.shape = part.sidecar->shape();
  part.root = part.sidecar->root();
  part.stored = part.known = true;
  keep_few_open(n);
  return true;
}

std::string IndexShelf::load(std::size_t n) {
  Part& part = parts_[n];
  if (part.sidecar) return {};
  if (part.sealed && from_file(part, n)) return {};
  return build(n);
}

std::string IndexShelf::build(std::size_t n) {
  Part& part = parts_[n];
  if (part.sealed) config_.tell(segment_name(part.number) + " has no index that fits: making one");
  auto built = build_index(fd_.get(), part.number, !part.sealed);
  if (auto* wrong = std::get_if<std::string>(&built)) return (directory_ / *wrong).string();
  std::string rendered = render(std::get<BuiltIndex>(built));
  built = BuiltIndex{};
  const bool stored = part.sealed && config_.store && store_index(directory_, part.number, rendered).empty();
  if (stored && from_file(part, n)) return {};
  in_memory_ += rendered.size();
  if (part.sealed && in_memory_ > config_.memory_bytes_max)
    return directory_.string() + ": too many segments have no index, and none can be stored there: run pgward audit index as the user that pgward runs as";
  auto opened = Sidecar::open(index_in_memory(std::move(rendered)));
  if (auto* wrong = std::get_if<std::string>(&opened)) return std::move(*wrong);
  part.sidecar = std::move(std::get<Sidecar>(opened));
  part.shape = part.sidecar->shape();
  part.root = part.sidecar->root();
  part.stored = false;
  part.known = true;
  return {};
}

std::string IndexShelf::hits_of(Part& part, IndexKind kind, const IndexKey& key, const TimeRange& range, std::vector<IndexHit>& hits) {
  std::vector<IndexEntry> entries;
  if (!part.sidecar->find(kind, key, entries)) return damaged(part);
  const bool timed = kind != IndexKind::session && kind != IndexKind::told;
  for (const IndexEntry& entry : entries) {
    const std::int64_t at = part.shape.first_us + std::int64_t{entry.more} * 1'000'000;
    // 0 may also be before the first one, by a clock that was set back.
    if (timed && entry.more != 0 && (at + 999'999 < range.from_us || at > range.to_us)) continue;
    hits.push_back({part.shape.first_seq + entry.row, entry.more});
  }
  return {};
}

std::string IndexShelf::find(IndexKind kind, const IndexKey& key, const TimeRange& range, std::vector<IndexHit>& hits) {
  for (std::size_t n = 0; n < parts_.size(); ++n) {
    Part& part = parts_[n];
    if (part.shape.records == 0 || part.shape.most_us < range.from_us || part.shape.least_us > range.to_us) continue;
    if (std::string wrong = load(n); !wrong.empty()) return wrong;
    if (std::string wrong = hits_of(part, kind, key, range, hits); !wrong.empty()) return wrong;
  }
  return {};
}

std::string IndexShelf::find_backwards(IndexKind kind, const IndexKey& key, std::uint64_t seq, const std::function<bool(const std::vector<IndexHit>&)>& each) {
  for (std::size_t n = parts_.size(); n-- > 0;) {
    Part& part = parts_[n];
    if (part.shape.records == 0 || part.shape.first_seq > seq) continue;
    std::vector<IndexHit> hits;
    if (std::string wrong = load(n); !wrong.empty()) return wrong;
    if (std::string wrong = hits_of(part, kind, key, {}, hits); !wrong.empty()) return wrong;
    if (!hits.empty() && !each(hits)) return {};
  }
  return {};
}

std::string IndexShelf::each(IndexKind kind, const TimeRange& range, const std::function<bool(const IndexEntry&, std::uint64_t)>& take) {
  bool more = true;
  for (std::size_t n = 0; more && n < parts_.size(); ++n) {
    Part& part = parts_[n];
    if (part.shape.records == 0 || part.shape.most_us < range.from_us || part.shape.least_us > range.to_us) continue;
    if (std::string wrong = load(n); !wrong.empty()) return wrong;
    if (!part.sidecar->each(kind, [&](const IndexEntry& entry) { return more = take(entry, part.shape.first_seq + entry.row); })) return damaged(part);
  }
  return {};
}

std::optional<std::size_t> IndexShelf::part_of(std::uint64_t seq) const {
  if (seq < first_seq_ || seq > last_seq_) return std::nullopt;
  const auto behind = std::upper_bound(parts_.begin(), parts_.end(), seq, [](std::uint64_t wanted, const Part& part) {
    return part.shape.records == 0 || wanted < part.shape.first_seq;  // only the last one may be empty
  });
  if (behind == parts_.begin()) return std::nullopt;
  return static_cast<std::size_t>(behind - parts_.begin()) - 1;
}

std::string IndexShelf::find_forwards(IndexKind kind, const IndexKey& key, std::uint64_t seq, std::uint64_t through, const std::function<bool(const std::vector<IndexHit>&)>& each) {
  for (std::size_t n = 0; n < parts_.size(); ++n) {
    Part& part = parts_[n];
    if (part.shape.records == 0 || part.shape.first_seq <= seq) continue;
    if (part.shape.first_seq > through) break;
    std::vector<IndexHit> hits;
    if (std::string wrong = load(n); !wrong.empty()) return wrong;
    if (std::string wrong = hits_of(part, kind, key, {}, hits); !wrong.empty()) return wrong;
    if (!hits.empty() && !each(hits)) return {};
  }
  return {};
}

std::uint64_t IndexShelf::last_beside(std::uint64_t seq) const {
  const auto at = part_of(seq);
  return at ? parts_[*at].shape.first_seq + parts_[*at].shape.records - 1 : 0;
}

std::optional<std::string> IndexShelf::line(std::uint64_t seq) {
  const auto at = part_of(seq);
  if (!at || !load(*at).empty()) return std::nullopt;
  Part& part = parts_[*at];
  if (!part.text) part.text = SegmentText::open(fd_.get(), part.number);
  const auto seek = part.sidecar->seek(seq - part.shape.first_seq);
  if (!part.text || !seek) return std::nullopt;
  auto found = part.text->line(seek->offset, seq - part.shape.first_seq - seek->row);
  if (!found) return std::nullopt;
  // The line says its own number: an index that leads elsewhere is found out.
  const auto parsed = parse_line(*found);
  const Line* line = std::get_if<Line>(&parsed);
  return line != nullptr && line->seq == seq ? std::move(found) : std::nullopt;
}

std::variant<std::vector<std::string>, std::string> IndexShelf::set_tables() {
  std::vector<std::string> all;
  for (std::size_t n = 0; n < parts_.size(); ++n) {
    if (std::string wrong = load(n); !wrong.empty()) return wrong;
    const auto names = parts_[n].sidecar->set_tables();
    if (!names) return damaged(parts_[n]);
    all.insert(all.end(), names->begin(), names->end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::variant<std::vector<IndexShelf::State>, std::string> IndexShelf::states() {
  std::vector<State> all;
  for (const Part& part : parts_) all.push_back({part.shape, part.root, part.sealed, part.stored});
  return all;
}

}  // namespace pgward::audit
