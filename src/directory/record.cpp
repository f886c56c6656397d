#include "record.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "rollcall/core/check.hpp"
#include "rollcall/core/text.hpp"

namespace rollcall::directory {

namespace {

constexpr std::size_t word_bytes = 8;

const std::byte* behind_header(const record& which) noexcept {
    return reinterpret_cast<const std::byte*>(&which) + sizeof(record);
}

wide_tail tail_of(const record& which) noexcept {
    wide_tail tail;
    std::memcpy(&tail, behind_header(which), sizeof tail);
    return tail;
}

std::size_t texts_offset(std::uint32_t bits) noexcept {
    return sizeof(record) + ((bits & bit::wide) != 0 ? sizeof(wide_tail) : 0) +
           ((bits & bit::leaving) != 0 ? sizeof(std::int32_t) : 0);
}

std::array<std::size_t, slot_count> lengths_of(const record& which) noexcept {
    std::array<std::size_t, slot_count> lengths{};
    if ((which.bits & bit::wide) != 0) {
        std::ranges::copy(tail_of(which).length, lengths.begin());
    } else {
        std::ranges::copy(which.length, lengths.begin());
    }
    return lengths;
}

char lowered(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view lower_ascii(std::string_view text, key_buffer& buffer) noexcept {
    std::transform(text.begin(), text.end(), buffer.begin(), lowered);
    return {buffer.data(), text.size()};
}

// Where a field lies that is not interned. A name in Reports To takes the place of the id, unless
// both are there.
slot slot_of(field which, std::uint32_t bits) noexcept {
    const bool by_name = (bits & bit::reports_to_name) != 0;
    switch (which) {
        case field::email: return slot::email;
        case field::first_name: return slot::first_name;
        case field::last_name: return slot::last_name;
        case field::manager_id: return by_name ? slot::manager_name : slot::reports_to;
        case field::manager_name: return by_name ? slot::reports_to : slot::manager_name;
        case field::avatar: return slot::avatar;
        case field::attributes: return slot::attributes;
        default: return slot::external_id;
    }
}

std::uint32_t bits_of(const user_data& user) noexcept {
    const user_meta& meta = user.meta;
    std::uint32_t bits = std::uint32_t{meta.missing} << bit::missing_shift;
    if (meta.state == user_state::inactive) bits |= bit::inactive;
    if (meta.created_by_us) bits |= bit::created_by_us;
    if (meta.deactivated_by_us) bits |= bit::deactivated_by_us;
    if (meta.managed) bits |= bit::managed;
    if (meta.role == user_role::owner) bits |= bit::owner_role;
    if (user.leaving_date != date{}) bits |= bit::leaving;
    if (user.get(field::manager_id).empty() && !user.get(field::manager_name).empty()) {
        bits |= bit::reports_to_name;
    }
    return bits;
}

std::uint32_t ownership_of(const user_meta& meta) noexcept {
    std::uint32_t ownership = 0;
    for (std::size_t i = 0; i < field_count; ++i) {
        ownership |= (static_cast<std::uint32_t>(meta.ownership[i]) & 3u) << (2 * i);
    }
    return ownership;
}

// Decides under which key the e-mail is found, and whether that key must be kept.
void plan_email(record_plan& plan, std::string_view email, std::string& scratch) {
    const std::string_view trimmed = trim(email);
    if (trimmed.empty()) return;
    plan.bits |= bit::has_email;
    const bool derivable = email.size() <= derived_key_bytes_max;
    if (derivable && trimmed.size() == email.size() && is_ascii(email)) return;
    const std::string_view folded = fold(trimmed, scratch);
    key_buffer buffer;
    if (derivable && folded == lower_ascii(email, buffer)) return;
    plan.bits |= bit::has_folded;
    plan.text[static_cast<std::size_t>(slot::folded)] = folded;
}

} // namespace

record_plan plan_of(const user_data& user, const dictionary_numbers& numbers,
                    std::string& scratch) {
    record_plan plan;
    plan.bits = bits_of(user);
    for (std::size_t i = 0; i < text_field_count; ++i) {
        const auto which = static_cast<field>(i);
        if (interned_place(which) != interned_count) continue;
        plan.text[static_cast<std::size_t>(slot_of(which, plan.bits))] = user.get(which);
    }
    plan_email(plan, user.get(field::email), scratch);

    std::size_t bytes = 0;
    bool wide = !plan.text[static_cast<std::size_t>(slot::manager_name)].empty();
    for (const std::string_view text : plan.text) {
        ROLLCALL_CHECK(text.size() <= std::numeric_limits<std::uint32_t>::max());
        wide = wide || text.size() > std::numeric_limits<std::uint8_t>::max();
        bytes += text.size();
    }
    for (const std::uint32_t number : numbers) {
        wide = wide || number > std::numeric_limits<std::uint16_t>::max();
    }
    if (wide) plan.bits |= bit::wide;
    plan.words =
        static_cast<std::uint32_t>((texts_offset(plan.bits) + bytes + word_bytes - 1) / word_bytes);
    return plan;
}

void write_record(std::span<std::byte> at, const record_plan& plan, const user_data& user,
                  const dictionary_numbers& numbers, std::uint32_t epoch) noexcept {
    std::ranges::fill(at.last(word_bytes), std::byte{0});
    record header{.uid = user.meta.uid,
                  .epoch = epoch,
                  .fingerprint = user.meta.fingerprint,
                  .bits = plan.bits,
                  .ownership = ownership_of(user.meta),
                  .manager = user.meta.manager,
                  .start_date = user.start_date.days,
                  .length = {},
                  .number = {}};
    std::byte* next = at.data() + sizeof(record);
    if ((plan.bits & bit::wide) != 0) {
        wide_tail tail{.length = {}, .number = numbers};
        for (std::size_t i = 0; i < slot_count; ++i) {
            tail.length[i] = static_cast<std::uint32_t>(plan.text[i].size());
        }
        std::memcpy(next, &tail, sizeof tail);
        next += sizeof tail;
    } else {
        for (std::size_t i = 0; i < narrow_slot_count; ++i) {
            header.length[i] = static_cast<std::uint8_t>(plan.text[i].size());
        }
        for (std::size_t i = 0; i < interned_count; ++i) {
            header.number[i] = static_cast<std::uint16_t>(numbers[i]);
        }
    }
    std::memcpy(at.data(), &header, sizeof header);
    if ((plan.bits & bit::leaving) != 0) {
        std::memcpy(next, &user.leaving_date.days, sizeof user.leaving_date.days);
        next += sizeof user.leaving_date.days;
    }
    for (const std::string_view text : plan.text) {
        next = std::ranges::copy(std::as_bytes(std::span(text)), next).out;
    }
}

std::uint32_t words_of(const record& which) noexcept {
    std::size_t bytes = texts_offset(which.bits);
    for (const std::size_t length : lengths_of(which)) bytes += length;
    return static_cast<std::uint32_t>((bytes + word_bytes - 1) / word_bytes);
}

std::string_view text_of(const record& which, slot part) noexcept {
    const std::byte* texts = reinterpret_cast<const std::byte*>(&which) + texts_offset(which.bits);
    const auto wanted = static_cast<std::size_t>(part);
    std::size_t offset = 0;
    std::size_t length = 0;
    if ((which.bits & bit::wide) != 0) {
        const wide_tail tail = tail_of(which);
        for (std::size_t i = 0; i < wanted; ++i) offset += tail.length[i];
        length = tail.length[wanted];
    } else if (wanted < narrow_slot_count) {
        for (std::size_t i = 0; i < wanted; ++i) offset += which.length[i];
        length = which.length[wanted];
    }
    return {reinterpret_cast<const char*>(texts) + offset, length};
}

std::string_view text_of(const record& which, field own) noexcept {
    return text_of(which, slot_of(own, which.bits));
}

std::uint32_t number_of(const record& which, std::size_t interned) noexcept {
    if ((which.bits & bit::wide) != 0) return tail_of(which).number[interned];
    return which.number[interned];
}

date leaving_date_of(const record& which) noexcept {
    date leaving;
    if ((which.bits & bit::leaving) != 0) {
        const std::size_t tail = (which.bits & bit::wide) != 0 ? sizeof(wide_tail) : 0;
        std::memcpy(&leaving.days, behind_header(which) + tail, sizeof leaving.days);
    }
    return leaving;
}

user_meta meta_of(const record& which) noexcept {
    user_meta meta{.uid = which.uid,
                   .fingerprint = which.fingerprint,
                   .state = state_of(which),
                   .created_by_us = (which.bits & bit::created_by_us) != 0,
                   .deactivated_by_us = (which.bits & bit::deactivated_by_us) != 0,
                   .managed = (which.bits & bit::managed) != 0,
                   .missing = missing_of(which),
                   .role = role_of(which),
                   .manager = which.manager,
                   .ownership = {}};
    for (std::size_t i = 0; i < field_count; ++i) {
        meta.ownership[i] = owner_of(which, static_cast<field>(i));
    }
    return meta;
}

std::size_t own_bytes_of(const record& which) noexcept {
    const auto lengths = lengths_of(which);
    std::size_t bytes = which.start_date != date{}.days ? sizeof(std::int32_t) : 0;
    if ((which.bits & bit::leaving) != 0) bytes += sizeof(std::int32_t);
    for (std::size_t i = 0; i < slot_count; ++i) {
        if (i != static_cast<std::size_t>(slot::folded)) bytes += lengths[i];
    }
    return bytes;
}

std::string_view email_key_of(const record& which, key_buffer& buffer) noexcept {
    if ((which.bits & bit::has_email) == 0) return {};
    if ((which.bits & bit::has_folded) != 0) return text_of(which, slot::folded);
    return lower_ascii(text_of(which, slot::email), buffer);
}

std::string_view email_key_of(const record_plan& plan, key_buffer& buffer) noexcept {
    if ((plan.bits & bit::has_email) == 0) return {};
    if ((plan.bits & bit::has_folded) != 0)
        return plan.text[static_cast<std::size_t>(slot::folded)];
    return lower_ascii(plan.text[static_cast<std::size_t>(slot::email)], buffer);
}

} // namespace rollcall::directory
