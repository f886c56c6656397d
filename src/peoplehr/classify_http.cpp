#include <algorithm>

#include "letters.hpp"
#include "rollcall/peoplehr/classify.hpp"

namespace rollcall::peoplehr {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view white_space = " \t\r\n\v\f";

std::string with_status(unsigned status, std::string_view rest) {
    std::string out = "HTTP " + std::to_string(status);
    out += rest;
    return out;
}

verdict of_refusal(unsigned status) {
    switch (status) {
        case 404:
        case 410:
            return {errc::wrong_address,
                    with_status(status,
                                ": nothing at this path; check base_url, which should be the API's "
                                "host without a resource, such as https://api.peoplehr.net"),
                    {}};
        case 401:
        case 403:
        case 407:
        case 451:
            return {errc::wrong_address,
                    with_status(
                        status,
                        ": refused before the API was reached, as a web firewall or proxy does; "
                        "check base_url, the user agent, and whether this egress address "
                        "is allowed"),
                    {}};
        case 408:
        case 425: return {errc::upstream_failed, with_status(status, " from PeopleHR"), {}};
        case 429: return {errc::throttled, with_status(status, ": call limit reached"), {}};
        default:
            return {errc::request_rejected,
                    with_status(status, ": our request was rejected as wrong"),
                    {}};
    }
}

bool is_html(std::string_view content_type, std::string_view text) noexcept {
    if (text.front() == '<') return true;
    return has_letters(content_type, "text/html") && text.front() != '{';
}

} // namespace

std::optional<verdict> classify_http(unsigned status, std::string_view content_type,
                                     std::string_view body) {
    if (status >= 500)
        return verdict{errc::upstream_failed, with_status(status, " from PeopleHR"), {}};
    if (status >= 400) {
        auto out = of_refusal(status);
        // A limit may be in the text in whatever form it comes; it would be near its start.
        if (out.code == errc::throttled) out.learned_limit = limit_in(body.substr(0, 1024));
        return out;
    }
    if (status >= 300) {
        return verdict{
            errc::wrong_address, with_status(status, ": redirected elsewhere; check base_url"), {}};
    }
    if (status != 200)
        return verdict{errc::bad_response, with_status(status, " is not expected"), {}};

    if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
    body.remove_prefix(std::min(body.find_first_not_of(white_space), body.size()));
    if (body.empty()) return verdict{errc::bad_response, "HTTP 200 with an empty body", {}};
    if (is_html(content_type, body)) {
        return verdict{errc::bad_response,
                       "HTML in place of JSON: an error page or a sign-in page; check base_url",
                       {}};
    }
    return std::nullopt;
}

} // namespace rollcall::peoplehr
