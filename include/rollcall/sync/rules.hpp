// The rules by which the sync decides, in our own words: what `explain` quotes, and what the table
// of src/sync/README.md is checked against.
#pragma once
#include <span>
#include <string_view>

namespace rollcall::sync {

struct rule {
    std::string_view id;       // "LA-13"
    std::string_view text;     // a sentence or two
    std::string_view settings; // names, comma separated; empty: it is not a matter of settings
};
// In the order G, LA, WT, T, B, each from 1 without gaps.
[[nodiscard]] std::span<const rule> all_rules() noexcept;
[[nodiscard]] const rule* find_rule(std::string_view id) noexcept;

} // namespace rollcall::sync
