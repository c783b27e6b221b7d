// One side of a link: a stream, what still has to be written to it, and what epoll is asked about it.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "proxy/net/poller.h"
#include "proxy/net/stream.h"
#include "protocol/bytes.h"

namespace pgward::proxy {

class Endpoint : public Handler {
 public:
  Endpoint(Poller& poller, std::function<void(std::uint32_t)> on_events)
      : poller_(poller), on_events_(std::move(on_events)) {}
  ~Endpoint() override { drop(); }

  void adopt(Fd fd);
  void drop();  // closes at once
  Stream release();  // gives the stream away, and drops what was not sent
  Stream& stream() { return stream_; }
  bool open() const { return stream_.open(); }

  // Queues bytes; `view` must stay good until the next flush().
  void queue(protocol::ByteView view);
  // Writes what it can. When the peer is gone the rest is dropped, and broken() is true from then on: a side
  // that waits to write what nobody takes would be woken for ever.
  void flush() {
    if (unsent() > 0) write_out();
  }
  bool broken() const { return broken_; }
  std::size_t unsent() const { return out_.size() - out_at_ + view_.size(); }

  // Gives back the memory of what was sent.
  void trim();

  // Asks epoll for exactly this; no system call when nothing changes.
  void interest(bool readable, bool writable);
  // The last TLS operation waits for the other direction.
  void wait_for_write(bool on) { tls_wants_write_ = on; }
  // Whether it did; asked once an event has come.
  bool stop_waiting_for_write() { return std::exchange(tls_wants_write_, false); }

  void on_events(std::uint32_t events) override { on_events_(events); }

 private:
  bool write_some(protocol::ByteView& bytes, bool& blocked);
  void write_out();
  bool write_queued();
  void forget_all();
  Poller& poller_;
  std::function<void(std::uint32_t)> on_events_;
  Stream stream_;
  protocol::Bytes out_;
  std::size_t out_at_ = 0;
  protocol::ByteView view_;  // queued and not copied yet
  std::uint32_t asked_ = 0;
  bool registered_ = false;
  bool tls_wants_write_ = false;
  bool broken_ = false;
};

}  // namespace pgward::proxy
