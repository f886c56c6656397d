// The daemon's events as they come over the wire (server-sent events), and as lines to read.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace rollcall::cli {

// Puts the lines of a stream together to events (WHATWG HTML, 9.2.6).
class event_reader {
  public:
    using receiver = std::function<void(std::string_view data)>;
    explicit event_reader(receiver on_event) : on_event_(std::move(on_event)) {}

    void take(std::string_view line);
    // A stream ended, maybe in the middle of an event: that one comes again.
    void cut() { data_.clear(), id_ = last_id_; }
    // Where to go on; empty before the first.
    [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

  private:
    receiver on_event_;
    std::string data_;
    std::string id_;
    std::string last_id_;
};

// "2026-11-22 10:20:01Z  run.finished  acme  run=7 outcome=applied created=1"
[[nodiscard]] std::string event_line(const boost::json::object& event);

} // namespace rollcall::cli
