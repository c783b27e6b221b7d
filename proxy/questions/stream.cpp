#include "proxy/questions/stream.h"

#include <stdexcept>

#include "audit/read.h"

namespace pgward::proxy {

void each_record(Question& question, const std::function<bool(const audit::CompleteEvent&)>& take) {
  audit::Completer completer;
  const std::uint64_t last = question.trail().shelf().last_seq();
  std::string fault;
  const std::string wrong = audit::for_each_line(question.trail().directory(), [&](const audit::StoredLine& line) {
    const auto event = completer.feed(line.text);
    const auto* whole = std::get_if<audit::CompleteEvent>(&event);
    if (whole == nullptr) {
      fault = line.file.string() + ":" + std::to_string(line.line) + ": is no record of a log";
      return false;
    }
    if (whole->seq > last) return false;  // came since
    return !question.range().has(time_of(whole->record)) || take(*whole);
  });
  if (!wrong.empty() || !fault.empty()) throw std::runtime_error(wrong.empty() ? fault : wrong);
}

}  // namespace pgward::proxy
