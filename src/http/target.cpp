#include "target.hpp"

#include <charconv>

namespace rollcall::http {

std::optional<std::string> percent_decode(std::string_view text, plus_means plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == plus_means::space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            unsigned char byte = 0;
            const auto digits = text.substr(i + 1, 2);
            const auto* const end = digits.data() + digits.size();
            const auto parsed = std::from_chars(digits.data(), end, byte, 16);
            if (digits.size() != 2 || parsed.ec != std::errc{} || parsed.ptr != end || byte == 0) {
                return std::nullopt;
            }
            out += static_cast<char>(byte);
            i += 2;
        }
    }
    return out;
}

namespace {

bool parse_query(std::string_view text, std::map<std::string, std::string>& into) {
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), plus_means::space);
        auto value = percent_decode(
            equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1),
            plus_means::space);
        if (!name || !value) return false;
        into.insert_or_assign(std::move(*name), std::move(*value));
    }
    return true;
}

} // namespace

std::optional<target_parts> split_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto path = target.find_first_of("/?", scheme.size());
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    const auto question = target.find('?');
    const auto raw = target.substr(0, question);
    if (!raw.starts_with('/')) return std::nullopt;
    auto path = percent_decode(raw, plus_means::plus);
    if (!path) return std::nullopt;
    target_parts parts{std::move(*path), std::string(raw), {}};
    if (question != std::string_view::npos &&
        !parse_query(target.substr(question + 1), parts.query)) {
        return std::nullopt;
    }
    return parts;
}

} // namespace rollcall::http
