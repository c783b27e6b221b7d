// The other side of a delivery: a database, a syslog server, a message broker, standard output.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy/net/fd.h"

namespace pgward::proxy {

// One record, in the form that the other side wants; of one with very many texts a piece.
struct Parcel {
  std::uint64_t seq = 0;
  std::string log, ts, type, session, hash;
  int severity = 6;                // of syslog (RFC 5424, table 2)
  std::vector<std::string> texts;  // at least one
  std::size_t first_part = 0;      // number of the first of them in its record
};

// That a delivery is to be given up. Thread-safe.
class Stop {
 public:
  Stop();
  void now();
  bool is_now() const { return now_.load(std::memory_order_acquire); }
  int fd() const { return event_.get(); }  // readable from then on
  // Waits; true: it is time to stop. A ring of the second descriptor ends the wait, too.
  bool within_ms(std::int64_t ms, int other_fd = -1) const;
  // Until the socket can be read (POLLIN) or written (POLLOUT); false: time is over, or it is time to stop.
  bool ready(int fd, short events, std::int64_t ms) const;

 private:
  Fd event_;
  std::atomic<bool> now_{false};
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Hands over all of them, in this order, and comes back when the other side has them and will keep them: nothing. Else
  // why not, without any of their content; some may have arrived then, and all of them will be handed over again.
  virtual std::optional<std::string> deliver(std::span<const Parcel> parcels) = 0;
  // How long records may gather before they are handed over.
  virtual std::int64_t gather_ms() const { return 20; }
};

}  // namespace pgward::proxy
