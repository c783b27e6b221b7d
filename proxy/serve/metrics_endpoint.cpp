#include "proxy/serve/metrics_endpoint.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <chrono>

namespace pgward::proxy {
namespace {

constexpr std::size_t kRequestBytesMax = 8192;
constexpr std::int64_t kClientMs = 2000;
constexpr std::int64_t kOutOfDescriptorsMs = 100;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string response(std::string_view status, std::string_view type, std::string_view body) {
  std::string out = "HTTP/1.1 ";
  out.append(status).append("\r\nContent-Type: ").append(type);
  out.append("\r\nContent-Length: ").append(std::to_string(body.size()));
  return out.append("\r\nConnection: close\r\n\r\n").append(body);
}

}  // namespace

std::string metrics_answer(std::string_view request, const std::function<void(std::string&)>& render) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const bool get = line.starts_with("GET ");
  const auto path = get ? line.substr(4, std::min(line.find_first_of(" ?", 4), line.size()) - 4) : std::string_view{};
  if (!get || line.find(" HTTP/1.") == line.npos) return response("400 Bad Request", "text/plain", "GET /metrics is all there is\n");
  if (path != "/metrics") return response("404 Not Found", "text/plain", "GET /metrics is all there is\n");
  std::string body;
  render(body);
  return response("200 OK", "text/plain; version=0.0.4; charset=utf-8", body);
}

std::variant<std::unique_ptr<MetricsEndpoint>, std::string> MetricsEndpoint::open(const std::string& address,
                                                                                  std::function<void(std::string&)> render) {
  auto opened = Listener::open(address, ListenerRules{}, TcpSettings{}, 0770);
  if (auto* error = std::get_if<std::string>(&opened)) return std::move(*error);
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(std::get<Listener>(opened)), std::move(render)));
}

MetricsEndpoint::MetricsEndpoint(Listener listener, std::function<void(std::string&)> render)
    : listener_(std::move(listener)), render_(std::move(render)), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { serve(); });
}

MetricsEndpoint::~MetricsEndpoint() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
  listener_.close();
}

bool MetricsEndpoint::ready(int fd, short events, std::int64_t until_ms) const {
  for (;;) {
    pollfd wanted[] = {{stop_.get(), POLLIN, 0}, {fd, events, 0}};
    const std::int64_t left = until_ms == 0 ? -1 : until_ms - steady_ms();
    if (until_ms != 0 && left <= 0) return false;
    const int count = ::poll(wanted, 2, static_cast<int>(left));
    if (count < 0 && errno == EINTR) continue;
    return count > 0 && wanted[0].revents == 0;
  }
}

void MetricsEndpoint::serve() {
  while (ready(listener_.fd(), POLLIN, 0)) {
    const bool able = listener_.accept_some([this](Fd client, const Address&, ListenerRules) { answer(client); });
    if (!able) ready(stop_.get(), POLLIN, steady_ms() + kOutOfDescriptorsMs);  // the event stays: asking again at once would spin
  }
}

void MetricsEndpoint::answer(const Fd& client) const {
  const std::int64_t until = steady_ms() + kClientMs;
  std::string request;
  while (request.find("\r\n\r\n") == request.npos) {
    char piece[1024];
    if (request.size() >= kRequestBytesMax || !ready(client.get(), POLLIN, until)) return;
    const auto got = ::recv(client.get(), piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return;
    request.append(piece, static_cast<std::size_t>(got));
  }
  const std::string whole = metrics_answer(request, render_);
  for (std::string_view rest = whole; !rest.empty();) {
    if (!ready(client.get(), POLLOUT, until)) return;
    const auto sent = ::send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace pgward::proxy
