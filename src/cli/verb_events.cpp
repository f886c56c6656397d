// events: what happens in the fleet, as it happens.
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <ostream>
#include <thread>

#include "event_lines.hpp"
#include "verb.hpp"

namespace rollcall::cli {
namespace {

namespace json = boost::json;

// The daemon speaks at least each 15 seconds.
constexpr std::chrono::seconds silence_max{45};
constexpr std::chrono::milliseconds try_again{500};

struct events_options {
    bool follow = false;
    bool all = false;
    std::string tenant;
    std::string kinds;
};

std::string target_of(const events_options& options) {
    std::string out = fmt::format("/v1/events?follow={}", options.follow ? 1 : 0);
    if (options.follow && options.all) out += "&after=0";
    if (!options.tenant.empty()) out += "&tenant=" + encoded(options.tenant);
    if (!options.kinds.empty()) out += "&kind=" + encoded(options.kinds);
    return out;
}

void show(session& in, std::string_view data) {
    boost::system::error_code error;
    const auto value = json::parse(data, error);
    if (error || !value.is_object()) return;
    if (in.json) {
        in.print(value);
    } else {
        in.where.out << event_line(value.get_object()) << '\n';
    }
    in.where.out.flush();
}

// What ends with the daemon, or because it is busy now, may go on with it.
bool may_come_back(const call_failure& why) {
    return why.code == exit_code::unreachable || why.code == exit_code::try_later;
}

exit_code events(session& in, const events_options& options) {
    event_reader reader([&in](std::string_view data) { show(in, data); });
    bool connected = false;
    bool said_lost = false;
    for (;;) {
        call what{.method = "GET", .target = target_of(options), .silence_max = silence_max};
        what.last_event_id = reader.last_id();
        what.on_line = [&](std::string_view line) {
            if (std::exchange(said_lost, false)) {
                in.where.err << "rollcall: the daemon is back\n" << std::flush;
            }
            connected = true;
            reader.take(line);
        };
        const auto answer = ask(in.daemon, std::move(what));
        if (!options.follow) return answer ? exit_code::ok : in.fail(answer.error());
        if (!answer && (!connected || !may_come_back(answer.error()))) {
            return in.fail(answer.error());
        }
        reader.cut();
        if (!std::exchange(said_lost, true)) {
            in.where.err << "rollcall: the daemon has ended the stream; waiting for it\n"
                         << std::flush;
        }
        if (!in.where.out) return exit_code::failed;
        std::this_thread::sleep_for(try_again);
    }
}

} // namespace

void add_events(CLI::App& program, verb& chosen) {
    const auto options = std::make_shared<events_options>();
    auto& sub = add_verb(program, chosen, "events",
                         "What happened lately, and with --follow what happens", options, events);
    sub.add_flag("--follow,-f", options->follow, "Go on, also when the daemon is started again");
    sub.add_flag("--all", options->all, "With --follow: begin with what the daemon still has");
    sub.add_option("--tenant", options->tenant, "Only those of one tenant");
    sub.add_option("--kind", options->kinds, "Only these kinds: run.finished,throttled");
}

} // namespace rollcall::cli
