#include <boost/json/serialize.hpp>
#include <optional>

#include "rollcall/http/server.hpp"
#include "target.hpp"

namespace rollcall::http {
namespace {

using parameters = std::map<std::string, std::string>;

std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1); // the slash
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

// The values of the pattern's braces if the path has its shape.
std::optional<parameters> match(std::string_view pattern, std::string_view path) {
    parameters bound;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const auto wanted = next_segment(pattern);
        auto given = percent_decode(next_segment(path), plus_means::plus);
        if (!given) return std::nullopt;
        if (wanted.starts_with('{') && wanted.ends_with('}')) {
            if (given->empty()) return std::nullopt;
            bound.insert_or_assign(std::string(wanted.substr(1, wanted.size() - 2)),
                                   std::move(*given));
        } else if (wanted != *given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return bound;
}

void allow(std::string& list, std::string_view method) {
    if (!list.empty()) list += ", ";
    list += method;
}

int status_of(errc code) {
    switch (code) {
        case errc::ok: return 200;
        case errc::invalid_argument: return 400;
        case errc::not_found: return 404;
        case errc::already_exists:
        case errc::held:
        case errc::locked: return 409;
        // What the customer's account answers is about the content of the request.
        case errc::key_refused:
        case errc::permission_missing:
        case errc::account_closed:
        case errc::wrong_address: return 422;
        case errc::connection_failed:
        case errc::tls_failed:
        case errc::bad_response:
        case errc::response_too_large:
        case errc::request_rejected:
        case errc::upstream_failed: return 502;
        case errc::throttled:
        case errc::busy:
        case errc::storage_full:
        case errc::shutting_down: return 503;
        case errc::deadline_exceeded: return 504;
        case errc::storage_failed:
        case errc::newer_schema:
        case errc::corrupt:
        case errc::bug: return 500;
    }
    return 500;
}

} // namespace

response json_response(const boost::json::value& value, unsigned status) {
    response out;
    out.status = status;
    out.body = boost::json::serialize(value);
    return out;
}

response problem(unsigned status, std::string_view code, std::string_view title,
                 std::string_view detail, boost::json::object extra) {
    boost::json::object body;
    body["type"] = "urn:rollcall:problem:" + std::string(code);
    body["title"] = title;
    body["status"] = status;
    body["detail"] = detail;
    for (auto& member : extra) body.insert(std::move(member));
    auto out = json_response(std::move(body), status);
    out.content_type = "application/problem+json";
    return out;
}

response problem(const failure& what) {
    return problem(static_cast<unsigned>(status_of(what.code)), name_of(what.code),
                   make_error_code(what.code).message(), what.detail);
}

void router::add(std::string method, std::string pattern, handler what) {
    routes_.push_back({std::move(method), std::move(pattern), std::move(what)});
}

task<response> router::dispatch(request incoming) const {
    const auto raw = incoming.raw_path.empty() ? incoming.path : incoming.raw_path;
    std::string allowed;
    for (const auto& each : routes_) {
        auto bound = match(each.pattern, raw);
        if (!bound) continue;
        // The answer to a HEAD is that to a GET, without its body (RFC 9110, 9.3.2).
        const bool is_head = incoming.method == "HEAD" && each.method == "GET";
        if (each.method == incoming.method || is_head) {
            incoming.parameters = std::move(*bound);
            co_return co_await each.what(std::move(incoming));
        }
        allow(allowed, each.method);
        if (each.method == "GET") allow(allowed, "HEAD");
    }
    if (allowed.empty()) {
        co_return problem(404, "not_found", "there is nothing at this address",
                          "No route has this path.");
    }
    auto refusal = problem(405, "method_not_allowed", "the method does not fit this address",
                           "This address takes " + allowed + ".");
    refusal.headers.emplace_back("Allow", allowed);
    co_return refusal;
}

} // namespace rollcall::http
