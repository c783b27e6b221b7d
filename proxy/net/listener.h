// Accepts connections and hands them to the reactor with the fewest.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "proxy/net/addresses.h"
#include "proxy/net/fd.h"
#include "proxy/net/tcp_settings.h"
#include "proxy/session/front_door.h"

namespace pgward::proxy {

class Listener {
 public:
  // The error says what could not be bound and why.
  // `unix_mode`: the permissions of a Unix socket's file.
  static std::variant<Listener, std::string> open(const std::string& address, ListenerRules rules, TcpSettings tcp,
                                                  unsigned unix_mode);

  // A socket that listens already (socket activation); `address` as the configuration has it. Its file, if it has one,
  // is not ours to remove.
  static Listener adopt(Fd socket, ListenerRules rules, TcpSettings tcp);
  // Whether `socket` listens, for streams, on this address.
  static bool listens_on(const Fd& socket, const std::string& address);

  int fd() const { return fd_.get(); }
  const std::string& bound_to() const { return bound_to_; }  // with the port that was really taken
  // Accepts those that wait, up to a number; calls take(client, peer, rules) for each. False: out of descriptors
  // or memory. Then the event stays, and asking again at once would only spin.
  bool accept_some(const std::function<void(Fd, const Address&, ListenerRules)>& take);
  void close();  // and removes a Unix socket's file

  Listener(Listener&&) = default;
  Listener& operator=(Listener&&) = default;

 private:
  Listener() = default;
  Fd fd_;
  ListenerRules rules_;
  TcpSettings tcp_;
  std::string bound_to_;
  std::string unix_path_;
};

}  // namespace pgward::proxy
