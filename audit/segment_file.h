// The segment that is being written. Bytes count once they are synced; what is not can be cut off again.
//
//   append(group); sync();     or, when either fails:   cut(); and, when it was sync, never this file again
//
// The file is grown by zero bytes ahead of the records; seal() and the destructor take the rest of them away.
//
// It is written in whole blocks and past the page cache where the file system can (O_DIRECT): a sync then costs about
// half the processor time, having no page to write back. The block in which the records end is written again with the
// next group, the same bytes in front: a sector torn by a power failure holds the old bytes or the same ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "audit/block_buffer.h"
#include "audit/directory.h"
#include "audit/io.h"
#include "audit/segment_name.h"

namespace pgward::audit {

class SegmentFile {
 public:
  // A new file, mode 0600; must not exist yet.
  static std::variant<SegmentFile, IoError> create(const Directory& directory, SegmentNumber number,
                                                   std::size_t grow_bytes);
  // An existing one, of which the bytes before `end` are good and on disk. The rest is cut off.
  static std::variant<SegmentFile, IoError> resume(const Directory& directory, SegmentNumber number,
                                                   std::uint64_t end, std::size_t grow_bytes);
  SegmentFile(SegmentFile&&) = default;
  SegmentFile& operator=(SegmentFile&&) = default;
  ~SegmentFile();

  // One pwrite behind the durable bytes.
  IoResult append(std::string_view group);
  IoResult sync();
  IoResult cut();
  IoResult seal();  // exact length, durable: the file will not be written again
  IoResult remove(const Directory& directory);

  SegmentNumber number() const { return number_; }
  std::uint64_t durable_bytes() const { return durable_; }
  // Once fdatasync failed, the kernel may have dropped the pages and marked them clean: a later success on
  // this file would mean nothing.
  bool sync_failed() const { return sync_failed_; }

 private:
  SegmentFile(Fd fd, SegmentNumber number, std::uint64_t durable, std::size_t grow_bytes);
  IoResult read_tail();
  void use(std::size_t bytes);
  std::size_t tail_bytes() const { return durable_ % kBlockBytes; }

  Fd fd_;
  SegmentNumber number_;
  std::uint64_t durable_;    // end of the records on disk
  std::uint64_t written_;    // end of the records written
  std::uint64_t allocated_;  // end of the file; zero bytes from written_ on
  std::size_t grow_bytes_;
  BlockBuffer block_;        // the durable bytes of the block in which the records end, then zero bytes
  std::size_t used_ = 0;     // of block_
  bool sync_failed_ = false;
};

}  // namespace pgward::audit
