// Reads one element of a Result: an employee, or the pseudo row that says that a query is running.
#pragma once
#include <array>
#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cursor.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace rollcall::peoplehr {

struct read_row {
    sync::source_row row;
    std::string_view notice;                 // the text of a member Message
    decode_fault fault = decode_fault::none; // duplicate_key, row_type or row_without_id
};

// The keys of an employee that are wanted besides those of source_field (G-14), and their values in
// the row that was read last. Two attributes may want one key, and a key may be one of the fields.
class extra_values {
  public:
    extra_values() = default;
    // Only as many as extra_names_max are looked for. The names are the caller's and stay.
    explicit extra_values(std::span<const std::string> names) noexcept;

    [[nodiscard]] bool any() const noexcept { return !names_.empty(); }

    static constexpr std::size_t none = extra_names_max;
    // The first place that wants the key; none if nobody does.
    [[nodiscard]] std::size_t find(std::string_view key) const noexcept;

    void clear() noexcept;
    // False if the row had a value for the place already.
    [[nodiscard]] bool see(std::size_t place) noexcept;
    [[nodiscard]] std::string_view& at(std::size_t place) noexcept { return values_[place]; }
    // Puts the values in where a place shares its key with another one, or with a field, and hands
    // them to the row.
    void finish(sync::source_row& row) noexcept;

  private:
    std::span<const std::string> names_;
    std::array<std::string_view, extra_names_max> values_{};
    // Where a place has its value from: its own number, that of the first place with the same name,
    // or extra_names_max and the number of a field.
    std::array<unsigned char, extra_names_max> from_{};
    std::bitset<extra_names_max> seen_;
};

// False if the text is not JSON there or has a key twice (`fault` then says so); the cursor is then
// somewhere inside the row. The other faults leave it behind the row. `depth`: of the brackets
// around. The row's extra values are in `extra`, as long as it lives.
[[nodiscard]] bool read(cursor& at, unsigned depth, extra_values& extra, read_row& out) noexcept;

} // namespace rollcall::peoplehr
