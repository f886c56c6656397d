// The table of settings: every one with its documentation, and with how it is read and written.
// Inside the layer only; everything that knows settings by name goes through it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "rollcall/sync/settings.hpp"

namespace rollcall::sync {

// Accessors are captureless, so that the table is a constant. Enumerations are handled by their
// index into their names.
struct enum_access {
    std::span<const std::string_view> names;
    std::size_t (*get)(const tenant_settings&);
    void (*set)(tenant_settings&, std::size_t);
};
struct number_access {
    std::int64_t low, high;
    std::int64_t (*get)(const tenant_settings&);
    void (*set)(tenant_settings&, std::int64_t);
};
struct bool_access {
    bool tenant_settings::* member;
};
struct text_access {
    std::string tenant_settings::* member;
    std::string (*check)(std::string_view); // empty if good, else what is wrong
};
// A value with a grammar of its own (settings_values.hpp).
struct grammar_access {
    std::string (*read)(tenant_settings&, std::string_view); // empty if good, else what is wrong
    std::string (*write)(const tenant_settings&);
    bool list = false; // JSON may give it as an array of its members
};
using access = std::variant<enum_access, number_access, bool_access, text_access, grammar_access>;

// Whether an unchanged employee may map or plan to something else once the setting is another: then
// it is part of mapping_fingerprint().
enum class bears_on : std::uint8_t { runs, people };

struct setting_entry {
    setting_row row;
    std::string_view group;
    bears_on what;
    access how;
};
[[nodiscard]] std::span<const setting_entry> setting_table() noexcept; // by group
[[nodiscard]] const setting_entry* find_setting(std::string_view name) noexcept;
[[nodiscard]] std::string text_of(const tenant_settings& in, const setting_entry& which);
[[nodiscard]] std::span<const std::string_view> profile_names() noexcept;

} // namespace rollcall::sync
