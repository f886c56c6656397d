#include "event_lines.hpp"

#include <fmt/format.h>

#include "verb.hpp"

namespace rollcall::cli {

namespace json = boost::json;

void event_reader::take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
        // An id without data moves the place and is no event.
        last_id_ = id_;
        if (!data_.empty()) on_event_(std::exchange(data_, {}));
        return;
    }
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
        if (!data_.empty()) data_ += '\n';
        data_ += value;
    } else if (name == "id") {
        id_ = value;
    }
}

std::string event_line(const json::object& event) {
    const auto kind = cell(event, "kind");
    if (kind == "missed") {
        if (at(event, "restarted") == json::value(true)) {
            return "-- the daemon was started again; what it had still to tell is lost";
        }
        return fmt::format("-- {} events were missed: they came faster than they were read",
                           cell(event, "count"));
    }
    std::string out =
        fmt::format("{:<20}  {:<14}  {}", cell(event, "at"), kind, escaped(cell(event, "tenant")));
    for (const auto& [name, value] : event) {
        if (name == "id" || name == "at" || name == "kind" || name == "tenant") continue;
        // What says nothing: figures of zero, and that all was well.
        if (value == json::value(0) || value == json::value("") || value == json::value("ok")) {
            continue;
        }
        out += fmt::format("  {}={}", std::string_view(name), escaped(cell(event, name)));
    }
    return out;
}

} // namespace rollcall::cli
