// The request target: percent-decoding (RFC 3986, 2.1) and the query.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::http {

enum class plus_means { plus, space };

// Nothing if an escape is malformed or stands for NUL, which ends a string for too many others.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, plus_means plus);

struct target_parts {
    std::string path;
    std::string raw_path;
    std::map<std::string, std::string> query; // the last of equal names counts
};

// Takes the origin form and the absolute form (RFC 9112, 3.2). Nothing if it is neither.
[[nodiscard]] std::optional<target_parts> split_target(std::string_view target);

} // namespace rollcall::http
