#include "fault.hpp"

#include <algorithm>
#include <array>

#include "rollcall/core/check.hpp"

namespace rollcall::sim {
namespace {

using std::string_view;

constexpr std::array<string_view, 37> names{"throttle_status_5",
                                            "throttle_silent",
                                            "throttle_http_429",
                                            "status",
                                            "key_gone",
                                            "no_grant",
                                            "access_denied",
                                            "suspended",
                                            "trial_expired",
                                            "html",
                                            "empty_body",
                                            "null_result",
                                            "empty_list",
                                            "wrong_result",
                                            "pseudo_row",
                                            "not_json",
                                            "byte_order_mark",
                                            "truncated",
                                            "huge",
                                            "invalid_utf8",
                                            "duplicate_id",
                                            "duplicate_key",
                                            "wrong_type",
                                            "missing_key",
                                            "unknown_keys",
                                            "deep_nesting",
                                            "shrunk",
                                            "stale",
                                            "pages_move",
                                            "total_moves",
                                            "short_page",
                                            "repeated_page",
                                            "slow",
                                            "stall",
                                            "drip",
                                            "reset",
                                            "cut"};
static_assert(names.size() == static_cast<std::size_t>(fault_kind::cut) + 1);

// One member of a row, from its key's quote to the comma or brace that follows its value.
struct member_place {
    std::size_t key;
    std::size_t value;
    std::size_t end;
};

// The end of the JSON value that begins at from. The text is our own, so it is well formed.
std::size_t end_of_value(string_view row, std::size_t from) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = from; i < row.size(); ++i) {
        const char c = row[i];
        if (quoted) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                quoted = false;
            }
            continue;
        }
        if (c == '"') quoted = true;
        if (c == '{' || c == '[') ++depth;
        if (depth == 0 && (c == ',' || c == '}')) return i;
        if (c == '}' || c == ']') --depth;
    }
    return row.size();
}

// Top-level members only: "Mobile" of a contact is not a member of the row.
std::optional<member_place> find_member(string_view row, string_view key) {
    std::size_t at = 1;
    while (at < row.size() && row[at] == '"') {
        const std::size_t key_end = row.find('"', at + 1);
        const std::size_t value = key_end + 2;
        const std::size_t end = end_of_value(row, value);
        if (row.substr(at + 1, key_end - at - 1) == key) return member_place{at, value, end};
        at = end + 1;
    }
    return std::nullopt;
}

string_view field_or(const fault& what, string_view fallback) {
    return what.field.empty() ? fallback : string_view{what.field};
}

void spoil_utf8(std::string& row, const fault& what) {
    const auto place = find_member(row, field_or(what, "FirstName"));
    if (!place) return;
    // Behind the quote that opens the text, the wrapper's or the bare one.
    const auto display = row.find(R"("DisplayValue":")", place->value);
    const bool wrapped = display != std::string::npos && display < place->end;
    const std::size_t quote = wrapped ? display + 15 : place->value;
    if (row[quote] == '"') row.insert(quote + 1, "\xC3\x28\xFF");
}

void add_members(std::string& row, string_view members) {
    row.insert(row.size() - 1, members);
}

void nest(std::string& row, std::int64_t depth) {
    const auto levels = static_cast<std::size_t>(std::clamp<std::int64_t>(depth, 1, 1'000'000));
    std::string member = R"(,"Nested":)";
    member.append(levels, '[');
    member.append(levels, ']');
    add_members(row, member);
}

} // namespace

string_view name_of(fault_kind kind) noexcept {
    return names[static_cast<std::size_t>(kind)];
}

std::optional<fault_kind> fault_kind_of(string_view name) noexcept {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<fault_kind>(found - names.begin());
}

std::span<const string_view> fault_kind_names() noexcept {
    return names;
}

void distort_row(std::string& row, const fault& what) {
    ROLLCALL_CHECK(row.size() >= 2 && row.front() == '{' && row.back() == '}');
    switch (what.kind) {
        case fault_kind::invalid_utf8: spoil_utf8(row, what); break;
        case fault_kind::duplicate_id: row += ',' + std::string{row}; break;
        case fault_kind::unknown_keys:
            add_members(row,
                        R"(,"NewIn2027":{"DisplayValue":"x","Extra":[1,2,{"a":null}]},"Z":1e3)");
            break;
        case fault_kind::deep_nesting: nest(row, what.amount == 0 ? 2'000 : what.amount); break;
        case fault_kind::duplicate_key:
            if (const auto place = find_member(row, field_or(what, "EmailId"))) {
                const std::string key = row.substr(place->key, place->value - place->key);
                row.insert(place->end, ',' + key + R"({"DisplayValue":"twice@example.com"})");
            }
            break;
        case fault_kind::wrong_type:
            if (const auto place = find_member(row, field_or(what, "EmployeeId"))) {
                row.replace(place->value, place->end - place->value,
                            what.text.empty() ? "7" : what.text);
            }
            break;
        case fault_kind::missing_key:
            if (const auto place = find_member(row, field_or(what, "UniqueKey"))) {
                // The last member takes the comma before it along, every other the one behind.
                const bool last = row[place->end] == '}';
                const std::size_t begin = last && place->key > 1 ? place->key - 1 : place->key;
                row.erase(begin, place->end + (last ? 0 : 1) - begin);
            }
            break;
        default: break;
    }
}

} // namespace rollcall::sim
