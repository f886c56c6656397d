#include "client.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <stdexcept>

namespace rollcall::cli {
namespace {

namespace json = boost::json;

std::string text_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string{};
}

} // namespace

void throw_exception_from_error(const call_failure& what, const boost::source_location&) {
    throw std::logic_error("a reply was used before it was tested: " + what.message);
}

call_failure failure_of(const json::object& problem, unsigned status) {
    // "urn:rollcall:problem:key_refused"; a line of a stream has the bare code.
    std::string code = text_member(problem, "code");
    if (code.empty()) {
        const auto type = text_member(problem, "type");
        code = type.substr(type.rfind(':') == std::string::npos ? 0 : type.rfind(':') + 1);
    }
    const auto title = text_member(problem, "title");
    const auto detail = text_member(problem, "detail");
    std::string message = detail.empty() ? title : detail;
    if (message.empty()) {
        message =
            code.empty() ? fmt::format("the daemon answered with HTTP status {}", status) : code;
    }
    return {exit_code_of(code, status), std::move(message), problem};
}

reply<json::object> ask(transport& daemon, call what) {
    auto answer = daemon.send(std::move(what));
    if (!answer) return answer.error();
    if (answer->body.empty() && answer->status < 300) return json::object{};
    boost::system::error_code error;
    const auto value = json::parse(answer->body, error);
    if (error || !value.is_object()) {
        return call_failure{exit_code::failed,
                            fmt::format("What listens on the socket does not answer as rollcalld "
                                        "does (HTTP status {})",
                                        answer->status),
                            {}};
    }
    if (answer->status >= 400) return failure_of(value.get_object(), answer->status);
    return value.get_object();
}

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

} // namespace rollcall::cli
