#include "rollcall/peoplehr/base_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "letters.hpp"

namespace rollcall::peoplehr {
namespace {

failure wrong(std::string_view what) {
    return {errc::invalid_argument, "base_url: " + std::string{what}};
}

bool take_scheme(std::string_view& text, std::string_view scheme) {
    if (!same_letters(text.substr(0, scheme.size()), scheme)) return false;
    text.remove_prefix(scheme.size());
    return true;
}

bool is_host(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        const char l = lower(c);
        return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '.' || l == '-' || l == '_';
    });
}

bool is_v6(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        const char l = lower(c);
        return (l >= 'a' && l <= 'f') || (l >= '0' && l <= '9') || l == ':' || l == '.';
    });
}

bool is_port(std::string_view port) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
    return error == std::errc{} && end == port.data() + port.size() && value != 0;
}

bool is_path(std::string_view path) {
    return std::ranges::all_of(
        path, [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
}

// "127." alone would also be the beginning of a name that anyone can register.
bool is_loopback(std::string_view host) {
    if (same_letters(host, "localhost") || host == "::1") return true;
    return host.starts_with("127.") &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

} // namespace

boost::system::result<api_address, failure> parse_base_url(std::string_view text) {
    api_address out;
    if (take_scheme(text, "http://")) {
        out.to.tls = false;
    } else if (!take_scheme(text, "https://")) {
        return wrong("it begins with https://, for instance https://api.peoplehr.net");
    }
    const auto slash = std::min(text.find_first_of("/?#"), text.size());
    std::string_view authority = text.substr(0, slash);
    std::string_view path = text.substr(slash);
    if (authority.find('@') != std::string_view::npos)
        return wrong("it cannot hold a user name or password");
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return wrong("the bracket of the host is not closed");
        out.to.host = authority.substr(1, close - 1);
        authority.remove_prefix(close + 1);
        if (!is_v6(out.to.host)) return wrong("what is in brackets is not an IPv6 address");
    } else {
        out.to.host = authority.substr(0, authority.find(':'));
        authority.remove_prefix(out.to.host.size());
        if (!is_host(out.to.host))
            return wrong("the host is missing or holds a character that no host has");
    }
    out.to.port = out.to.tls ? "443" : "80";
    if (!authority.empty()) {
        if (!authority.starts_with(':') || !is_port(authority.substr(1))) {
            return wrong("the port is not a number from 1 to 65535");
        }
        out.to.port = authority.substr(1);
    }
    if (!is_path(path)) return wrong("the path holds a blank, a query or a fragment");
    while (path.ends_with('/')) path.remove_suffix(1);
    out.path = path;
    if (!out.to.tls && !is_loopback(out.to.host)) {
        return wrong(
            "http:// would show the API key to the network; it is for loopback hosts only");
    }
    return out;
}

} // namespace rollcall::peoplehr
