// Makes pwrite and fdatasync of the program under test fail (linked in with ld's --wrap).
#pragma once

#include <atomic>
#include <limits>

namespace pgward::audit {

struct DiskFaults {
  // errno of the next calls; 0: they work.
  std::atomic<int> sync_error{0};
  std::atomic<int> write_error{0};
  // Bytes that a failing disk still takes before write_error.
  std::atomic<std::size_t> room{0};
  std::atomic<bool> no_direct{false};  // a file system that lets itself be asked for O_DIRECT, and then does not
  std::atomic<unsigned> syncs{0};  // calls that were made

  void clear();
};
DiskFaults& disk_faults();

}  // namespace pgward::audit
