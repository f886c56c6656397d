// The client of the control socket: blocking, one connection for each call.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include "exit_code.hpp"

namespace rollcall::cli {

// Why a call gave no answer that the verb can show.
struct call_failure {
    exit_code code = exit_code::failed;
    std::string message;         // one sentence or more, with what to do
    boost::json::object problem; // the daemon's problem+json, empty where there was no answer
};
[[noreturn]] void throw_exception_from_error(const call_failure& what,
                                             const boost::source_location& where);
template <class T>
using reply = boost::system::result<T, call_failure>;

struct call {
    std::string method;
    std::string target; // percent-encoded
    std::string body{}; // JSON, or empty; wiped once it is sent, because it may hold an API key
    std::chrono::seconds silence_max{30}; // without a byte from the daemon
    std::function<void(std::chrono::milliseconds waited)> on_wait{}; // some times a second
    std::function<void(std::string_view line)> on_line{}; // of an answer that is a stream of lines
    std::string last_event_id{};                          // where a reader of events goes on
    int wake_on = -1;                // a descriptor: what can be read there ends a turn early
    std::function<bool()> keep_on{}; // asked in each turn; false ends the call, as a failure
};

struct raw_answer {
    unsigned status = 0;
    std::string body; // empty for a stream of lines
};

// The way to the daemon, as a port.
class transport {
  public:
    virtual ~transport() = default;
    [[nodiscard]] virtual reply<raw_answer> send(call what) = 0;
};

[[nodiscard]] std::unique_ptr<transport> connect_to_socket(std::string path);

// Sends and reads JSON; a problem becomes a call_failure with its exit code.
[[nodiscard]] reply<boost::json::object> ask(transport& daemon, call what);
// The failure that a problem object stands for.
[[nodiscard]] call_failure failure_of(const boost::json::object& problem, unsigned status);

// Percent-encodes everything but the unreserved characters of RFC 3986.
[[nodiscard]] std::string encoded(std::string_view text);

} // namespace rollcall::cli
