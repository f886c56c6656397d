// How a user lies in the arena.
//
//   record       48 bytes: what is compared and marked, in the first 16; what a pass over all users
//                asks for, up to the 32nd; lengths; dictionary numbers
//   wide_tail    52 bytes, only where a length exceeds 255, a number exceeds 65535, or Reports To
//                has both an id and a name
//   leaving date  4 bytes, only where there is one
//   texts        id, e-mail, folded e-mail, first name, last name, Reports To, avatar, extra
//                attributes, unterminated
//
// and zero bytes up to the next word. Reports To is an id or a name, and one slot serves both. The
// folded e-mail is kept only where lowering the ASCII letters of the e-mail does not give it: so no
// look-up ever folds, or allocates.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "rollcall/directory/user.hpp"

namespace rollcall::directory {

// The texts that lie in the record itself.
enum class slot : std::uint8_t {
    external_id,
    email,
    folded,
    first_name,
    last_name,
    reports_to, // the manager's id; the name where bit::reports_to_name is set
    avatar,
    attributes,
    manager_name // beside an id only, which the mapping never gives: a wide record's
};
inline constexpr std::size_t slot_count = 9;
inline constexpr std::size_t narrow_slot_count = 8;

// The interned fields, by their place in record::number.
inline constexpr std::array<field, 4> interned_fields{field::job_title, field::location,
                                                      field::department, field::company};
inline constexpr std::size_t interned_count = interned_fields.size();
using dictionary_numbers = std::array<std::uint32_t, interned_count>;

struct record {
    std::uint32_t uid; // never 0: that is a gap
    std::uint32_t epoch;
    std::uint64_t fingerprint;
    std::uint32_t bits;
    std::uint32_t ownership; // of the fields, two bits each, the first lowest
    std::uint32_t manager;   // uid
    std::int32_t start_date; // days; date's none where there is none
    std::array<std::uint8_t, narrow_slot_count> length;
    std::array<std::uint16_t, interned_count> number;
};
static_assert(sizeof(record) == 48 && std::is_trivially_copyable_v<record>);

struct wide_tail {
    std::array<std::uint32_t, slot_count> length;
    std::array<std::uint32_t, interned_count> number;
};
static_assert(sizeof(wide_tail) == 52 && std::is_trivially_copyable_v<wide_tail>);

// record::bits. The uppermost eight count the snapshots without this person.
namespace bit {
inline constexpr std::uint32_t inactive = 1u << 0;
inline constexpr std::uint32_t created_by_us = 1u << 1;
inline constexpr std::uint32_t deactivated_by_us = 1u << 2;
inline constexpr std::uint32_t managed = 1u << 3;
inline constexpr std::uint32_t owner_role = 1u << 4;
inline constexpr std::uint32_t wide = 1u << 5;
inline constexpr std::uint32_t leaving = 1u << 6;         // a leaving date follows
inline constexpr std::uint32_t has_email = 1u << 7;       // in the e-mail index
inline constexpr std::uint32_t has_folded = 1u << 8;      // slot::folded is its key
inline constexpr std::uint32_t reports_to_name = 1u << 9; // slot::reports_to is no id
inline constexpr unsigned missing_shift = 24;
} // namespace bit
static_assert(field_count * 2 <= 32);

// A user about to be stored: what of it goes where. Borrows the user's texts.
struct record_plan {
    std::array<std::string_view, slot_count> text{};
    std::uint32_t bits = 0;
    std::uint32_t words = 0;
};

// `scratch` holds the folded e-mail where it needs to be kept, and lives as long as the plan.
// Interned texts above 65535 bytes are a bug of the caller: sync rejects what exceeds 4 KiB.
[[nodiscard]] record_plan plan_of(const user_data& user, const dictionary_numbers& numbers,
                                  std::string& scratch);
void write_record(std::span<std::byte> at, const record_plan& plan, const user_data& user,
                  const dictionary_numbers& numbers, std::uint32_t epoch) noexcept;

[[nodiscard]] std::uint32_t words_of(const record& which) noexcept;
[[nodiscard]] std::string_view text_of(const record& which, slot part) noexcept;
// Of a field that is not interned.
[[nodiscard]] std::string_view text_of(const record& which, field own) noexcept;
[[nodiscard]] std::uint32_t number_of(const record& which, std::size_t interned) noexcept;
[[nodiscard]] date leaving_date_of(const record& which) noexcept;
[[nodiscard]] inline owner owner_of(const record& which, field f) noexcept {
    return static_cast<owner>((which.ownership >> (2 * static_cast<unsigned>(f))) & 3u);
}
[[nodiscard]] inline user_state state_of(const record& which) noexcept {
    return (which.bits & bit::inactive) != 0 ? user_state::inactive : user_state::active;
}
[[nodiscard]] inline user_role role_of(const record& which) noexcept {
    return (which.bits & bit::owner_role) != 0 ? user_role::owner : user_role::member;
}
[[nodiscard]] inline std::uint8_t missing_of(const record& which) noexcept {
    return static_cast<std::uint8_t>(which.bits >> bit::missing_shift);
}
[[nodiscard]] user_meta meta_of(const record& which) noexcept;
// The bytes of all texts but the interned ones, and of the dates that are there.
[[nodiscard]] std::size_t own_bytes_of(const record& which) noexcept;

// The place in interned_fields, or interned_count for a field that lies in the record.
[[nodiscard]] constexpr std::size_t interned_place(field which) noexcept {
    switch (which) {
        case field::job_title: return 0;
        case field::location: return 1;
        case field::department: return 2;
        case field::company: return 3;
        default: return interned_count;
    }
}
// The longest e-mail whose key is derived rather than kept (the longest valid one has 254 bytes).
inline constexpr std::size_t derived_key_bytes_max = 255;
using key_buffer = std::array<char, derived_key_bytes_max>;

// What the e-mail index holds the record under: blank if it holds it under nothing. A view of the
// record or of `buffer`.
[[nodiscard]] std::string_view email_key_of(const record& which, key_buffer& buffer) noexcept;
[[nodiscard]] std::string_view email_key_of(const record_plan& plan, key_buffer& buffer) noexcept;

} // namespace rollcall::directory
