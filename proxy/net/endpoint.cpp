#include "proxy/net/endpoint.h"

#include <sys/epoll.h>

namespace pgward::proxy {

void Endpoint::adopt(Fd fd) {
  drop();
  stream_ = Stream(std::move(fd));
}

void Endpoint::drop() { release().close(); }

void Endpoint::forget_all() {
  out_.clear();
  out_at_ = 0;
  view_ = {};
}

Stream Endpoint::release() {
  if (registered_) poller_.remove(stream_.fd(), *this);
  registered_ = false;
  asked_ = 0;
  tls_wants_write_ = broken_ = false;
  forget_all();
  return std::exchange(stream_, Stream{});
}

void Endpoint::queue(protocol::ByteView view) {
  if (!open() || broken_ || view.empty()) return;
  if (unsent() == 0) {
    view_ = view;
    return;
  }
  // The second piece of a round: from here on they travel together, in one write and one TLS record.
  if (!view_.empty()) {
    out_.append(view_);
    view_ = {};
  }
  out_.append(view);
}

bool Endpoint::write_some(protocol::ByteView& bytes, bool& blocked) {
  while (!bytes.empty() && !blocked) {
    const IoResult result = stream_.write(bytes.data(), bytes.size());
    switch (result.status) {
      case Io::done: bytes.remove_prefix(result.bytes); break;
      case Io::again_readable:
      case Io::again_writable: blocked = true; break;
      default: return false;
    }
  }
  return true;
}

void Endpoint::trim() {
  if (unsent() > 0) return;
  protocol::Bytes().swap(out_);
  out_at_ = 0;
}

void Endpoint::write_out() {
  if (!open() || broken_ || write_queued()) return;
  broken_ = true;
  forget_all();
}

bool Endpoint::write_queued() {
  bool blocked = false;
  if (out_at_ < out_.size()) {
    protocol::ByteView rest = protocol::ByteView(out_).substr(out_at_);
    if (!write_some(rest, blocked)) return false;
    out_at_ = out_.size() - rest.size();
    if (rest.empty()) {
      out_.clear();
      out_at_ = 0;
      if (out_.capacity() > 64 * 1024) out_.shrink_to_fit();
    } else if (out_at_ > 256 * 1024) {
      out_.erase(0, out_at_);
      out_at_ = 0;
    }
  }
  if (!view_.empty()) {
    if (!write_some(view_, blocked)) return false;
    if (!view_.empty()) out_.append(view_);  // what the socket did not take is kept
    view_ = {};
  }
  return true;
}

void Endpoint::interest(bool readable, bool writable) {
  if (!open()) return;
  const std::uint32_t events = (readable ? EPOLLIN : 0u) | (writable || tls_wants_write_ ? EPOLLOUT : 0u);
  if (events == asked_) return;
  // Asked for nothing, epoll would still tell of a hang-up, again and again: then it is not asked at all.
  if (events == 0)
    poller_.remove(stream_.fd(), *this);
  else if (registered_)
    poller_.change(stream_.fd(), events, *this);
  else
    poller_.add(stream_.fd(), events, *this);
  registered_ = events != 0;
  asked_ = events;
}

}  // namespace pgward::proxy
