#include "audit/tree_reader.h"

#include <fcntl.h>

#include <functional>
#include <map>

#include "audit/line_reader.h"
#include "audit/log_record.h"
#include "audit/segment_name.h"

namespace pgward::audit {
namespace {

using Each = std::function<bool(std::uint64_t index, std::string_view line)>;

// The lines of a log from the segment on that holds record `from`, until `each` answers false. The tree before that
// segment; nothing: the log does not reach back so far, or is broken there.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& directory) : fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    std::error_code error;
    numbers_ = list_segments(directory, error);
  }

  // False: there is no such segment.
  bool seek(std::uint64_t index) {
    for (first_ = numbers_.size(); fd_ && first_-- > 0;) {
      LineReader reader(fd_.get(), segment_name(numbers_[first_]));
      const LineReader::Piece piece = reader.next();
      if (piece.kind != LineReader::Kind::whole) continue;  // begun, and no record yet
      const auto tree = tree_before(numbers_[first_], piece.text);
      if (!tree) return false;
      before_ = *tree;
      if (before_.end() <= index) return true;
    }
    return false;
  }

  const MerkleRange& before() const { return before_; }

  void each(const Each& take) const {
    std::uint64_t index = before_.end();
    for (std::size_t n = first_; n < numbers_.size(); ++n) {
      LineReader reader(fd_.get(), segment_name(numbers_[n]));
      for (auto piece = reader.next(); piece.kind == LineReader::Kind::whole; piece = reader.next())
        if (!take(index++, piece.text)) return;
    }
  }

  std::optional<SignedCheckpoint> last_checkpoint() const {
    std::optional<SignedCheckpoint> last;
    for (std::size_t n = numbers_.size(); fd_ && !last && n-- > 0;) {
      LineReader reader(fd_.get(), segment_name(numbers_[n]));
      for (auto piece = reader.next(); piece.kind == LineReader::Kind::whole; piece = reader.next()) {
        if (piece.text.find("\"type\":\"log.checkpoint\"") == piece.text.npos) continue;
        const auto parsed = parse_line(piece.text);
        if (const auto* line = std::get_if<Line>(&parsed))
          if (auto made = checkpoint_of(line->members)) last = std::move(made);
      }
    }
    return last;
  }

 private:
  static std::optional<MerkleRange> tree_before(SegmentNumber number, std::string_view first_line) {
    if (number == 1) return MerkleRange();
    const auto parsed = parse_line(first_line);
    const auto* line = std::get_if<Line>(&parsed);
    return line != nullptr ? tree_of_rotate(*line, segment_name(number), segment_name(number - 1)) : std::nullopt;
  }

  Fd fd_;
  std::vector<SegmentNumber> numbers_;
  std::size_t first_ = 0;
  MerkleRange before_;
};

// Roots of subtrees while the lines pass. Those that begin before the first line take what is known from there.
class Gatherer {
 public:
  Gatherer(std::span<const MerkleSpan> spans, const MerkleRange& before) : spans_(spans.begin(), spans.end()) {
    known_.add(before);
    for (const MerkleSpan& span : spans_) ranges_.push_back(span.begin < before.end() ? before.from(span.begin) : MerkleRange(span.begin));
    before_ = before.end();
  }
  void take(std::uint64_t index, const Hash& leaf) {
    for (std::size_t n = 0; n < spans_.size(); ++n)
      if (index == ranges_[n].end() && index < spans_[n].end) ranges_[n].append(leaf);
  }
  std::optional<MerklePath> path() const {
    MerklePath path;
    for (std::size_t n = 0; n < spans_.size(); ++n) {
      const auto root = spans_[n].end <= before_ ? known_.root(spans_[n])
                        : ranges_[n].end() == spans_[n].end ? std::optional(ranges_[n].root()) : std::nullopt;
      if (!root) return std::nullopt;
      path.push_back(*root);
    }
    return path;
  }

 private:
  std::vector<MerkleSpan> spans_;
  std::vector<MerkleRange> ranges_;
  MerkleNodes known_;
  std::uint64_t before_;
};

constexpr const char* kNotHeld = "the log does not hold all records that the proof is about (any more)";

}  // namespace

std::optional<MerkleRange> tree_at(const std::filesystem::path& directory, std::uint64_t size) {
  Lines lines(directory);
  if (!lines.seek(size)) return std::nullopt;
  MerkleRange tree = lines.before();
  if (tree.end() < size)
    lines.each([&](std::uint64_t, std::string_view line) {
      tree.append(leaf_hash(line));
      return tree.end() < size;
    });
  return tree.end() == size ? std::optional(std::move(tree)) : std::nullopt;
}

std::optional<SignedCheckpoint> last_checkpoint(const std::filesystem::path& directory) { return Lines(directory).last_checkpoint(); }

std::variant<RecordProof, std::string> prove_record(const std::filesystem::path& directory, std::uint64_t seq, std::uint64_t size) {
  const auto spans = seq == 0 ? std::nullopt : inclusion_spans(seq - 1, size);
  if (!spans) return "record " + std::to_string(seq) + " is not among the first " + std::to_string(size);
  Lines lines(directory);
  if (!lines.seek(seq - 1)) return kNotHeld;
  Gatherer gatherer(*spans, lines.before());
  RecordProof proof;
  lines.each([&](std::uint64_t index, std::string_view line) {
    if (index == seq - 1) proof.line = line;
    else gatherer.take(index, leaf_hash(line));
    return index + 1 < size;
  });
  auto path = gatherer.path();
  if (!path || proof.line.empty()) return kNotHeld;
  proof.path = std::move(*path);
  return proof;
}

std::variant<std::vector<RecordProof>, std::string> prove_records(const std::filesystem::path& directory, std::span<const std::uint64_t> seqs, std::uint64_t size) {
  std::vector<std::vector<MerkleSpan>> paths;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::optional<MerkleRange>> wanted;  // neighbours share most of their spans
  for (const std::uint64_t seq : seqs) {
    auto spans = seq == 0 ? std::nullopt : inclusion_spans(seq - 1, size);
    if (!spans) return "record " + std::to_string(seq) + " is not among the first " + std::to_string(size);
    for (const MerkleSpan& span : *spans) wanted.try_emplace({span.begin, span.end});
    paths.push_back(std::move(*spans));
  }
  std::vector<RecordProof> proofs(seqs.size());
  Lines lines(directory);
  if (seqs.empty()) return proofs;
  if (!lines.seek(seqs.front() - 1)) return kNotHeld;
  const MerkleRange& before = lines.before();
  MerkleNodes known;
  known.add(before);
  for (auto& [span, range] : wanted)
    if (span.first < before.end() && span.second > before.end()) range = before.from(span.first);
  std::vector<std::pair<std::uint64_t, MerkleRange*>> growing;  // their ends
  for (auto& [span, range] : wanted)
    if (range) growing.emplace_back(span.second, &*range);
  auto next = wanted.lower_bound({before.end(), 0});
  std::size_t at = 0;
  lines.each([&](std::uint64_t index, std::string_view line) {
    if (at < seqs.size() && index == seqs[at] - 1) proofs[at++].line = line;
    for (; next != wanted.end() && next->first.first <= index; ++next) growing.emplace_back(next->first.second, &next->second.emplace(next->first.first));
    const Hash leaf = leaf_hash(line);
    for (auto& [end, range] : growing) range->append(leaf);
    std::erase_if(growing, [&](const auto& one) { return one.first == index + 1; });
    return index + 1 < size;
  });
  for (std::size_t n = 0; n < seqs.size(); ++n) {
    for (const MerkleSpan& span : paths[n]) {
      const auto& range = wanted[{span.begin, span.end}];
      const auto root = span.end <= before.end() ? known.root(span) : range && range->end() == span.end ? std::optional(range->root()) : std::nullopt;
      if (!root || proofs[n].line.empty()) return kNotHeld;
      proofs[n].path.push_back(*root);
    }
  }
  return proofs;
}

std::variant<MerklePath, std::string> prove_growth(const std::filesystem::path& directory, std::uint64_t old_size, std::uint64_t size) {
  const auto spans = consistency_spans(old_size, size);
  if (!spans) return "a tree of " + std::to_string(size) + " records does not begin with one of " + std::to_string(old_size);
  Lines lines(directory);
  if (!lines.seek(old_size)) return kNotHeld;
  Gatherer gatherer(*spans, lines.before());
  lines.each([&](std::uint64_t index, std::string_view line) {
    if (index < size) gatherer.take(index, leaf_hash(line));
    return index + 1 < size;
  });
  auto path = gatherer.path();
  if (!path) return kNotHeld;
  return std::move(*path);
}

}  // namespace pgward::audit
