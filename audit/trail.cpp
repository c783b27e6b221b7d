#include "audit/trail.h"

#include <algorithm>

#include "audit/anchored.h"
#include "audit/limits.h"
#include "audit/line.h"
#include "audit/log_record.h"

namespace pgward::audit {

Trail::Trail(const LogConfig& config, Directory directory, LogEnd end)
    : directory_(std::move(directory)),
      chain_(std::move(end.chain)),
      next_segment_(end.segment + 1),
      segment_bytes_(config.segment_bytes),
      grow_bytes_(static_cast<std::size_t>(std::min<std::uint64_t>(config.segment_bytes, kGrowBytes))) {
  chain_.log = config.instance + "/" + std::to_string(end.start + 1);
}

std::variant<std::unique_ptr<Trail>, std::string> Trail::open(const LogConfig& config, std::int64_t now_us) {
  if (!is_instance(config.instance)) return "the instance's name must be 1 to 64 of A-Z a-z 0-9 . _ -";
  auto directory = Directory::open(config.directory);
  if (auto* error = std::get_if<std::string>(&directory)) return std::move(*error);
  auto found = find_end(std::get<Directory>(directory), !config.signing.keys.empty());
  if (auto* error = std::get_if<std::string>(&found)) return std::move(*error);
  const LogEnd end = std::get<LogEnd>(found);
  std::unique_ptr<Signer> signer;
  if (!config.signing.keys.empty()) {
    auto opened = Signer::open(config.signing, config, end, now_us);
    if (auto* error = std::get_if<std::string>(&opened)) return std::move(*error);
    signer = std::move(std::get<std::unique_ptr<Signer>>(opened));
    if (auto wrong = contradicts(config, signer->origin(), std::get<Directory>(directory).path(), end.chain.tree()); !wrong.empty())
      return wrong;
  }

  std::unique_ptr<Trail> trail(new Trail(config, std::move(std::get<Directory>(directory)), end));
  const auto failed = [&](const IoError& error) { return config.directory.string() + ": " + error.text(); };
  if (end.segment != 0) {
    auto segment = SegmentFile::resume(trail->directory_, end.segment, end.end, trail->grow_bytes_);
    if (auto* error = std::get_if<IoError>(&segment)) return failed(*error);
    trail->segment_.emplace(std::move(std::get<SegmentFile>(segment)));
  }
  const std::string opened = signer ? log_open(config.signing.heartbeat_s) : log_open(), recovered = log_recover(segment_name(end.segment), end.cut_bytes);
  std::vector<Entry> first{{opened, now_us}};
  if (end.cut_bytes > 0) first.push_back({recovered, now_us});
  if (auto error = trail->write(first)) return failed(*error);
  trail->signer_ = std::move(signer);
  if (trail->signer_)
    if (auto error = trail->write({}, now_us)) return failed(*error);
  return trail;
}

// Ends a full segment. Whatever fails on the way, the next call goes on from there.
IoResult Trail::have_segment() {
  if (segment_ && segment_->durable_bytes() >= segment_bytes_) {
    if (auto error = segment_->seal()) return error;
    next_segment_ = segment_->number() + 1;
    segment_.reset();
  }
  return segment_ ? std::nullopt : begin_segment();
}

IoResult Trail::begin_segment() {
  auto created = SegmentFile::create(directory_, next_segment_, grow_bytes_);
  if (auto* error = std::get_if<IoError>(&created)) return *error;
  auto& segment = std::get<SegmentFile>(created);
  // The name first: records in a file that nobody finds after a crash are not durable.
  if (auto error = directory_.sync()) {
    (void)segment.remove(directory_);
    return error;
  }
  segment_.emplace(std::move(segment));
  return std::nullopt;
}

IoResult Trail::write(std::span<const Entry> group, std::optional<std::int64_t> checkpoint_now_us) {
  if (auto error = have_segment()) return error;
  next_ = chain_;
  group_.clear();
  const SegmentNumber number = segment_->number();
  const std::int64_t now_us = checkpoint_now_us ? *checkpoint_now_us : group.empty() ? 0 : group.front().now_us;
  if (segment_->durable_bytes() == 0 && number > 1)
    next_.append(group_, log_rotate(segment_name(number), segment_name(number - 1), next_.head, next_.tree()), now_us);
  std::optional<Signer::Draft> draft;
  if (signer_ && checkpoint_now_us) {
    draft = signer_->draft(next_, *checkpoint_now_us);
    next_.checkpoint_made();
    next_.append(group_, draft->members, *checkpoint_now_us);
  }
  for (const Entry& entry : group)
    if (!entry.members.empty()) next_.append(group_, entry.members, entry.now_us);
  if (group_.empty()) return std::nullopt;

  if (auto error = segment_->append(group_)) return error;
  if (auto error = segment_->sync()) return error;
  std::swap(chain_, next_);
  if (draft) {
    signer_->written(*draft);
    written_ = std::move(draft->checkpoint);
  }
  return std::nullopt;
}

IoResult Trail::mend(const Entry& degraded) {
  if (segment_) {
    if (auto error = segment_->cut()) return error;
    if (segment_->sync_failed()) {
      // Never this file again. One without a single durable record gives its number back.
      if (segment_->durable_bytes() == 0) {
        if (auto error = segment_->remove(directory_)) return error;
        next_segment_ = segment_->number();
      } else {
        next_segment_ = segment_->number() + 1;
      }
      segment_.reset();
    }
  }
  return write({&degraded, 1});
}

}  // namespace pgward::audit
