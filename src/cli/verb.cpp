#include "verb.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <ostream>

namespace rollcall::cli {

namespace json = boost::json;

exit_code session::fail(const call_failure& what) {
    where.err << "rollcall: " << escaped(what.message) << '\n';
    if (json && !what.problem.empty()) print(what.problem);
    return what.code;
}

exit_code session::usage(const std::string& message) {
    where.err << "rollcall: " << message << '\n';
    return exit_code::usage;
}

std::optional<exit_code> session::unless_agreed(bool yes, const std::string& question,
                                                const std::string& instead) {
    if (yes) return std::nullopt;
    if (!where.in_is_terminal) {
        return usage("Nothing was changed: without a terminal to ask on, " + instead);
    }
    where.out.flush();
    if (confirm(where, escaped(question))) return std::nullopt;
    where.err << "nothing was changed\n";
    return exit_code::failed;
}

void session::print(const json::value& value) {
    where.out << json::serialize(value) << '\n';
}

reply<json::object> session::ask_patiently(call what, const std::string& doing) {
    progress bar(where);
    what.on_wait = [&](std::chrono::milliseconds waited) {
        // A log has no use for a counter: there the text stays the same and is written once.
        bar.show(std::nullopt, where.err_is_terminal
                                   ? fmt::format("{} ({} s)", doing, waited.count() / 1000)
                                   : doing);
    };
    return ask(daemon, std::move(what));
}

const json::value& at(const json::object& from, std::string_view path) {
    static const json::value nothing;
    const auto dot = path.find('.');
    const auto* value = from.if_contains(path.substr(0, dot));
    if (value == nullptr) return nothing;
    if (dot == std::string_view::npos) return *value;
    return value->is_object() ? at(value->get_object(), path.substr(dot + 1)) : nothing;
}

std::string cell(const json::object& from, std::string_view path) {
    const auto& value = at(from, path);
    switch (value.kind()) {
        case json::kind::null: return "-";
        case json::kind::string: {
            const std::string_view text = value.get_string();
            // "2026-11-21T18:46:05.123Z" is for programs; people get "2026-11-21 18:46:05Z".
            const bool time = text.size() == 24 && text[10] == 'T' && text.back() == 'Z';
            if (time) return fmt::format("{} {}Z", text.substr(0, 10), text.substr(11, 8));
            return std::string(text);
        }
        case json::kind::double_: return fmt::format("{:.1f}", value.get_double());
        case json::kind::bool_: return value.get_bool() ? "yes" : "no";
        case json::kind::array: return std::to_string(value.get_array().size());
        case json::kind::object:
        case json::kind::int64:
        case json::kind::uint64: break;
    }
    return json::serialize(value);
}

const json::array& list_at(const json::object& from, std::string_view path) {
    static const json::array nothing;
    const auto& value = at(from, path);
    return value.is_array() ? value.get_array() : nothing;
}

std::string counted(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string path_of_tenant(std::string_view tenant) {
    return "/v1/tenants/" + encoded(tenant);
}

} // namespace rollcall::cli
