#include "proxy/serve/serve.h"

#include <poll.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

#include "proxy/net/listener.h"
#include "proxy/net/reactor.h"
#include "proxy/serve/audit_signing.h"
#include "proxy/serve/emergencies.h"
#include "proxy/serve/load_world.h"
#include "proxy/serve/merged_world.h"
#include "proxy/serve/metrics_endpoint.h"
#include "proxy/serve/outage.h"
#include "proxy/serve/process_limits.h"
#include "proxy/serve/refresh_pace.h"
#include "proxy/serve/report.h"
#include "proxy/serve/revocation_file.h"
#include "proxy/serve/supervisor.h"
#include "proxy/sinks/sinks.h"

namespace pgward::proxy {
namespace {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::int64_t unix_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

constexpr std::size_t kJobQueueBytes = 64u << 20;  // of statements that wait to be planned, of log-ins that wait for a key
constexpr std::int64_t kRevocationsMs = 250;  // how often the revocation file is looked at, and the log while it cannot be written
constexpr std::int64_t kAcceptPauseMs = 100;
constexpr std::int64_t kAcceptQuietMs = 10'000;  // said once, not with every pause

class Server {
 public:
  explicit Server(const Config& config)
      : config_(config), admission_(config.admission), pace_(config.catalog_refresh_s * 1000, steady_ms()), suspicion_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  ~Server() { sinks_.stop(); }  // they read the log

  int run(const ServeOptions& options) {
    protect_memory();
    raise_descriptor_limit();
    Fd signals = block_signals();
    LoadedWorld loaded = load_world(config_, ++world_version_, false, nullptr, &key_sets_);
    show(loaded, config_);
    if (!loaded.net || policy::has_errors(loaded.mistakes)) {
      std::fprintf(stderr, "pgward: not started; see above, or run: pgward check --config %s\n", config_.file.c_str());
      return 1;
    }
    if (loaded.password_missing) {
      std::fprintf(stderr, "pgward: the upstream password cannot be read\n");
      return 1;
    }
    net_ = loaded.net;
    pace_.unread(!loaded.unread.empty() || loaded.keys_missing);
    pace_.done(steady_ms());
    prepare();
    if (!open_log()) return 1;
    if (!open_revocations()) return 1;
    if (!open_metrics()) return 1;
    start_reactors();
    if (!listen(options)) {
      stop_reactors();
      return 1;
    }
    supervisor_.ready("serving");
    loop(signals.get());
    stop_reactors();
    spdlog::info("stopped");
    return 0;
  }

 private:
  void prepare() {
    common_.limits = config_.session;
    common_.audit_mode = config_.audit.mode;
    common_.subject_key = subject_keys_of(config_.audit);
    common_.message_memory = std::make_unique<MessageMemory>(config_.message_memory);
    common_.prepared_memory = std::make_unique<MessageMemory>(config_.prepared_memory);
    common_.tcp = config_.tcp;
    common_.failures = std::make_unique<LoginFailures>(config_.failures);
    common_.on_glass_broken = [this](const auto& id, EmergencyAccess access, std::string members) { emergencies_->opened(id, std::move(access), std::move(members)); };
    common_.emergency_access = [this](std::string_view id) { return emergencies_->find(id); };
    common_.on_suspicion = [this](Services::Suspicion what) {
      if (what == Services::Suspicion::unknown_key) key_sets_.hurry();
      auto& flag = what == Services::Suspicion::ddl ? ddl_seen_ : name_missed_;
      if (!flag.exchange(true)) eventfd_write(suspicion_.get(), 1);
    };
  }

  bool open_log() {
    audit::LogConfig log = log_config_of(config_.audit, anchors_);
    log.on_progress = [this] {
      for (auto& reactor : reactors_) reactor->wake();
      const audit::Log* open = open_log_.load();
      if (open && log_down_.exchange(open->failed()) != open->failed()) eventfd_write(suspicion_.get(), 1);
      sinks_.ring();
    };
    // First: from open() on, the log's own thread tells them of its progress.
    for (unsigned i = 0; i < config_.threads; ++i) reactors_.push_back(std::make_unique<Reactor>(common_, net_));
    auto opened = audit::Log::open(std::move(log), unix_us());
    if (auto* error = std::get_if<std::string>(&opened)) {
      std::fprintf(stderr, "pgward: the audit log cannot be used: %s\n", error->c_str());
      return false;
    }
    common_.log = std::get<std::unique_ptr<audit::Log>>(std::move(opened));
    open_log_ = common_.log.get();
    sinks_.start(*common_.log);
    emergencies_ = std::make_unique<Emergencies>(config_, *common_.log);
    emergencies_->know(*net_->world->policy);
    return true;
  }

  // A file that cannot be read at start is a mistake of whoever starts: nothing is served.
  bool open_revocations() {
    if (config_.revocations.empty()) return true;
    revocations_.emplace(config_.revocations);
    if (auto wrong = revocations_->open()) {
      std::fprintf(stderr, "pgward: revocations %s: %s\n", config_.revocations.c_str(), wrong->c_str());
      return false;
    }
    tell_revocations(revocations_->list());
    return true;
  }

  void tell_revocations(std::shared_ptr<const auth::Revocations> list) {
    for (auto& reactor : reactors_) reactor->revoke(list);
    common_.log->append(audit::members(audit::RevocationList{list->size(), list->bad_line(), list->complete()}), unix_us());
    if (list->complete()) return spdlog::info("revocations: {} in force", list->size());
    if (list->bad_line() == 0) spdlog::error("revocations: {} cannot be read; nobody new is let in until it can", config_.revocations.string());
    else spdlog::error("revocations: {}:{} is no revocation; nobody new is let in until it is mended", config_.revocations.string(), list->bad_line());
  }

  bool open_metrics() {
    if (config_.metrics.empty()) return true;
    auto opened = MetricsEndpoint::open(config_.metrics, [this](std::string& out) {
      common_.scrubber.metrics(out);
      anchors_.metrics(out, !common_.log->failed());
      unrecorded_metrics(out, common_.reads_missed.load());
      sinks_.metrics(out);
    });
    if (auto* error = std::get_if<std::string>(&opened)) {
      std::fprintf(stderr, "%s: %s\n", config_.metrics_place.text().c_str(), error->c_str());
      return false;
    }
    metrics_ = std::get<std::unique_ptr<MetricsEndpoint>>(std::move(opened));
    spdlog::info("metrics on {}", metrics_->bound_to());
    return true;
  }

  void start_reactors() {
    parsers_ = std::make_unique<JobPool>(std::max(1U, std::thread::hardware_concurrency() / 2), kJobQueueBytes);
    common_.parsers = parsers_.get();
    key_finders_ = std::make_unique<JobPool>(1, kJobQueueBytes);
    common_.key_finders = key_finders_.get();
    for (auto& reactor : reactors_) threads_.emplace_back([&reactor] { reactor->run(); });
  }

  void stop_reactors() {
    for (auto& reactor : reactors_) reactor->stop();
    for (auto& thread : threads_) thread.join();
    parsers_.reset();
    key_finders_.reset();
    outage_.end(*common_.log, common_.reads_missed.load(), unix_us());
    emergencies_.reset();
    metrics_.reset();
    common_.log->end();  // before anything waits for somebody else
    sinks_.stop();
    common_.log.reset();  // its thread rings their bells: it ends before they do
    for (auto& listener : listeners_) listener.close();
  }

  bool listen(const ServeOptions& options) {
    auto given = supervisor_.take_sockets();
    for (const ListenConfig& one : config_.listen) {
      const auto ready = std::find_if(given.begin(), given.end(), [&](const Fd& fd) { return Listener::listens_on(fd, one.address); });
      if (ready != given.end()) {
        listeners_.push_back(Listener::adopt(std::move(*ready), ListenerRules{one.tls, !one.tls}, config_.tcp));
        given.erase(ready);
        continue;
      }
      auto opened = Listener::open(one.address, ListenerRules{one.tls, !one.tls}, config_.tcp, one.mode);
      if (auto* error = std::get_if<std::string>(&opened)) {
        std::fprintf(stderr, "%s: %s\n", one.place.text().c_str(), error->c_str());
        return false;
      }
      listeners_.push_back(std::move(std::get<Listener>(opened)));
    }
    if (!given.empty()) {
      // Whether it wants TLS nobody has said.
      std::fprintf(stderr, "pgward: %zu of the sockets given to it do not stand under `listen` in %s\n", given.size(), config_.file.c_str());
      return false;
    }
    for (const Listener& listener : listeners_) {
      std::fprintf(stderr, "pgward: ready on %s\n", listener.bound_to().c_str());
      if (options.ready_fd >= 0) {
        const std::string line = listener.bound_to() + "\n";
        if (::write(options.ready_fd, line.data(), line.size()) < 0) spdlog::warn("nobody reads the ready descriptor");
      }
    }
    if (options.ready_fd >= 0) ::close(options.ready_fd);
    return true;
  }

  void accept_from(Listener& listener) {
    const bool able = listener.accept_some([this](Fd client, const Address& peer, ListenerRules rules) {
      Admission::Slot slot = admission_.enter(address_group(peer), steady_ms());
      if (slot.verdict() == Admission::Verdict::turned_away) return turn_away(client);
      rules.full = slot.verdict() == Admission::Verdict::full;
      least_busy().adopt(std::move(client), rules, source_of(peer), std::move(slot));
    });
    if (able) return;
    const std::int64_t now = steady_ms();
    if (now - accept_again_ > kAcceptQuietMs) spdlog::error("out of file descriptors: new connections wait");
    accept_again_ = now + kAcceptPauseMs;
  }

  // As the server does when it cannot start a session: one message, in plaintext since nothing was agreed on, then
  // the end. Nobody waits for it to be taken.
  void turn_away(const Fd& client) {
    const ClientError message(SessionError::too_many_connections);
    static_cast<void>(::send(client.get(), message.bytes().data(), message.bytes().size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    const std::int64_t now = steady_ms();
    if (now - turned_away_at_ > kAcceptQuietMs) spdlog::warn("too many connections that have not logged in: more are turned away");
    turned_away_at_ = now;
  }

  Reactor& least_busy() {
    return **std::min_element(reactors_.begin(), reactors_.end(),
                              [](const auto& a, const auto& b) { return a->links() < b->links(); });
  }

  void loop(int signals) {
    while (!stopping_ || common_.sessions.load() > 0) {
      std::vector<pollfd> wanted{{signals, POLLIN, 0}, {suspicion_.get(), POLLIN, 0}};
      const bool accepting = !stopping_ && steady_ms() >= accept_again_;
      if (accepting)
        for (const Listener& listener : listeners_) wanted.push_back({listener.fd(), POLLIN, 0});
      const std::int64_t longest_ms = revocations_ || outage_.pending() ? kRevocationsMs : 60'000;
      const int timeout = !accepting || loading_.valid() ? 50 : static_cast<int>(std::clamp<std::int64_t>(pace_.due() - steady_ms(), 0, longest_ms));
      if (::poll(wanted.data(), wanted.size(), until_beat(timeout)) < 0 && errno != EINTR) return;
      beat();
      outage_.look(*common_.log, common_.reads_missed.load(), unix_us());
      if (wanted[0].revents != 0 && !on_signal(signals)) return;
      if (wanted[1].revents != 0) take_suspicions();
      if (revocations_)
        if (auto list = revocations_->changed()) tell_revocations(std::move(list));
      for (std::size_t i = 2; i < wanted.size() && !stopping_; ++i)
        if (wanted[i].revents != 0) accept_from(listeners_[i - 2]);
      if (stopping_ && steady_ms() >= drain_until_) {
        for (auto& reactor : reactors_) reactor->shut_down(true);
        drain_until_ = steady_ms() + 2000;
        if (forced_++ > 1) return;
      } else if (stopping_) {
        for (auto& reactor : reactors_) reactor->shut_down(false);
      }
      if (loading_.valid() && loading_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) finish_loading();
      if (!stopping_ && steady_ms() >= pace_.due()) start_loading();
    }
  }

  int until_beat(int timeout_ms) const {
    const std::int64_t interval = supervisor_.watchdog_ms();
    return interval == 0 ? timeout_ms : static_cast<int>(std::clamp<std::int64_t>(beat_at_ - steady_ms(), 0, timeout_ms));
  }

  // Only while every reactor turns: one that hangs is a reason to be started again.
  void beat() {
    const std::int64_t now = steady_ms(), interval = supervisor_.watchdog_ms();
    if (interval == 0 || now < beat_at_) return;
    beat_at_ = now + interval / 2;
    for (const auto& reactor : reactors_)
      if (now - reactor->ticked_at_us() / 1000 > std::max<std::int64_t>(interval, 3000)) return;
    supervisor_.beat();
  }

  void take_suspicions() {
    eventfd_t count = 0;
    eventfd_read(suspicion_.get(), &count);
    if (ddl_seen_.exchange(false)) pace_.suspect_ddl();
    if (name_missed_.exchange(false)) pace_.suspect_miss();
  }

  bool on_signal(int signals) {
    signalfd_siginfo info{};
    if (::read(signals, &info, sizeof info) != sizeof info) return true;
    if (info.ssi_signo == SIGHUP) {
      spdlog::info("reloading");
      supervisor_.reloading(steady_ms() * 1000);
      tell_when_loaded_ = true;
      reload_due_ = true;
      start_loading();
      return true;
    }
    spdlog::info("stopping");
    stopping_ = true;
    for (auto& listener : listeners_) listener.close();
    const std::int64_t drain_s = info.ssi_signo == SIGINT ? 0 : config_.drain_s;
    drain_until_ = steady_ms() + drain_s * 1000;
    supervisor_.stopping(drain_s);
    return true;
  }

  // In a thread of its own: files, name resolution and the database may take their time, clients may not wait.
  void start_loading() {
    if (loading_.valid()) return;
    reload_due_ = false;
    pace_.begun();
    common_.catalogs_begun.fetch_add(1);
    loading_ = std::async(std::launch::async, [this, version = ++world_version_, known = net_->world] {
      return load_world(config_, version, false, known.get(), &key_sets_);
    });
  }

  void finish_loading() {
    try {
      take_over(loading_.get());
    } catch (const std::exception& error) {
      spdlog::error("reload: {}; nothing was changed", error.what());
    }
    pace_.done(steady_ms());
    common_.catalogs_read.store(common_.catalogs_begun.load());
    for (auto& reactor : reactors_) reactor->news();
    // A SIGHUP that came meanwhile may speak of files that had been read already.
    if (reload_due_) return start_loading();
    if (std::exchange(tell_when_loaded_, false)) supervisor_.ready("serving");
  }

  void take_over(LoadedWorld loaded) {
    if (!loaded.net || loaded.password_missing) {
      show(loaded, config_);
      spdlog::error("reload: {}; nothing was changed", loaded.net ? "the upstream password cannot be read" : "a file has mistakes");
      return;
    }
    if (policy::has_errors(loaded.mistakes)) {
      show(loaded, config_);
      spdlog::error("reload: a database does not match the policy and is not served");
    }
    pace_.unread(!loaded.unread.empty() || loaded.keys_missing);
    tell_unfetched(loaded);
    net_ = merged(*net_, loaded, common_.catalogs_begun.load());
    emergencies_->know(*net_->world->policy);
    for (auto& reactor : reactors_) reactor->renew(net_);
  }

  const Config& config_;
  std::optional<RevocationFile> revocations_;
  std::unique_ptr<Emergencies> emergencies_;
  std::unique_ptr<MetricsEndpoint> metrics_;
  KeySets key_sets_{fetch_key_set};
  Admission admission_;  // before the reactors, whose links hold its slots
  std::int64_t turned_away_at_ = -kAcceptQuietMs;
  AnchorHealth anchors_;  // before common_, whose log tells it
  Sinks sinks_{config_.audit, PGWARD_VERSION};  // the same
  Common common_;
  Outage outage_{config_.audit.mode, [this](std::string line) { emergencies_->outage(std::move(line)); }};
  std::atomic<const audit::Log*> open_log_{nullptr};  // for its own thread, once it is open
  std::atomic<bool> log_down_{false};
  std::shared_ptr<const NetWorld> net_;
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::vector<std::thread> threads_;
  std::unique_ptr<JobPool> parsers_, key_finders_;  // behind the reactors, to whom it tells what is done
  std::vector<Listener> listeners_;
  std::future<LoadedWorld> loading_;
  std::uint64_t world_version_ = 0;
  RefreshPace pace_;
  Fd suspicion_;  // rung by reactors; what it is about stands in the next two
  std::atomic<bool> ddl_seen_{false}, name_missed_{false};
  Supervisor supervisor_;
  std::int64_t beat_at_ = 0;
  bool tell_when_loaded_ = false;
  bool stopping_ = false, reload_due_ = false;
  std::int64_t accept_again_ = -kAcceptQuietMs;
  int forced_ = 0;
  std::int64_t drain_until_ = 0;
};

}  // namespace

int serve(const Config& config, const ServeOptions& options) {
  if (Sinks::own_standard_output(config.audit)) spdlog::set_default_logger(spdlog::stderr_logger_mt("pgward"));
  spdlog::set_level(spdlog::level::from_str(config.log_level));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  return Server(config).run(options);
}

}  // namespace pgward::proxy
