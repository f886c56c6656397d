#include "user_store.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "rollcall/core/check.hpp"

namespace rollcall::directory {

// ---- look-up -----------------------------------------------------------------------------------

std::uint32_t user_store::find_by_id(std::string_view id, std::uint64_t hash) const noexcept {
    if (id.empty()) return 0;
    return by_id_.find(
        hash, [&](std::uint32_t place) { return text_of(at(place), slot::external_id) == id; });
}

// The header and the id behind it: they begin in one cache line, and mostly end in the next.
void user_store::prefetch_record(std::string_view id) const noexcept {
    const std::uint32_t place = by_id_.likely(hash64(id));
    if (place == 0) return;
    const std::byte* const begin = arena_.at(place);
    __builtin_prefetch(begin);
    __builtin_prefetch(begin + sizeof(record));
}

std::uint32_t user_store::find_by_email(std::string_view key, std::uint64_t hash) const noexcept {
    if (key.empty()) return 0;
    return by_email_.find(hash, [&](std::uint32_t place) {
        key_buffer buffer;
        return email_key_of(at(place), buffer) == key;
    });
}

std::uint32_t user_store::find_by_uid(std::uint32_t uid) const {
    if (by_uid_.empty()) order_by_uid();
    return find_in_order(uid);
}

void user_store::order_by_uid() const {
    by_uid_.reserve(size_);
    for (std::uint32_t place = following(0); place != 0; place = following(place)) {
        by_uid_.push_back(place);
    }
    const auto uid_of = [this](std::uint32_t place) { return at(place).uid; };
    if (!std::ranges::is_sorted(by_uid_, {}, uid_of)) std::ranges::sort(by_uid_, {}, uid_of);
}

// Uids are numbers without gaps but for who was erased: so no user is further from either end of
// the order than its uid is from the one there.
std::uint32_t user_store::find_in_order(std::uint32_t uid) const noexcept {
    if (by_uid_.empty()) return 0;
    const auto uid_of = [this](std::uint32_t place) { return at(place).uid; };
    const std::uint32_t lowest = uid_of(by_uid_.front());
    const std::uint32_t highest = uid_of(by_uid_.back());
    if (uid < lowest || uid > highest) return 0;
    const std::size_t last = by_uid_.size() - 1;
    const std::size_t from = last - std::min<std::size_t>(last, highest - uid);
    const std::size_t to = std::min<std::size_t>(last, uid - lowest);
    const auto possible = std::span(by_uid_).subspan(from, to - from + 1);
    const auto found = std::ranges::lower_bound(possible, uid, {}, uid_of);
    return found != possible.end() && uid_of(*found) == uid ? *found : 0;
}

// For a change, which would only spoil the order again.
std::uint32_t user_store::walk_to_uid(std::uint32_t uid) const noexcept {
    if (!by_uid_.empty()) return find_in_order(uid);
    std::uint32_t place = following(0);
    while (place != 0 && at(place).uid != uid) place = following(place);
    return place;
}

std::uint32_t user_store::first_from(std::uint32_t place) const noexcept {
    while (place < arena_.end()) {
        const gap& here = *std::launder(reinterpret_cast<const gap*>(arena_.at(place)));
        if (here.uid != 0) return place;
        place += here.words;
    }
    return 0;
}

std::uint64_t user_store::id_hash_of(std::uint32_t place) const noexcept {
    return hash64(text_of(at(place), slot::external_id));
}

std::uint64_t user_store::email_hash_of(std::uint32_t place) const noexcept {
    key_buffer buffer;
    return hash64(email_key_of(at(place), buffer));
}

std::string_view user_store::text(std::uint32_t place, field which) const noexcept {
    const std::size_t interned = interned_place(which);
    if (interned == interned_count) return text_of(at(place), which);
    return dictionary_.text(number_of(at(place), interned));
}

user_values user_store::values(std::uint32_t place) const noexcept {
    user_values values;
    for (std::size_t i = 0; i < text_field_count; ++i) {
        values.text[i] = text(place, static_cast<field>(i));
    }
    values.start_date.days = at(place).start_date;
    values.leaving_date = leaving_date_of(at(place));
    return values;
}

std::size_t user_store::mapped_bytes_of(const record& which) const noexcept {
    std::size_t bytes = own_bytes_of(which);
    for (std::size_t i = 0; i < interned_count; ++i) {
        bytes += dictionary_.text(number_of(which, i)).size();
    }
    return bytes;
}

std::size_t user_store::memory_bytes() const noexcept {
    return sizeof *this + arena_.memory_bytes() + by_id_.memory_bytes() + by_email_.memory_bytes() +
           by_uid_.capacity() * sizeof by_uid_.front() + dictionary_.memory_bytes();
}

// ---- steps of a change -------------------------------------------------------------------------

dictionary_numbers user_store::intern(const user_data& user) {
    dictionary_numbers numbers{};
    for (std::size_t i = 0; i < interned_count; ++i) {
        numbers[i] = dictionary_.acquire(user.get(interned_fields[i]));
    }
    return numbers;
}

void user_store::remove_from_indexes(std::uint32_t place) noexcept {
    const record& which = at(place);
    if (!text_of(which, slot::external_id).empty()) {
        ROLLCALL_CHECK(by_id_.erase(id_hash_of(place), place));
    }
    if ((which.bits & bit::has_email) != 0) {
        ROLLCALL_CHECK(by_email_.erase(email_hash_of(place), place));
    }
}

// Takes a record out of the counters and the dictionary.
void user_store::discount(std::uint32_t place) noexcept {
    const record& which = at(place);
    mapped_text_bytes_ -= mapped_bytes_of(which);
    --size_;
    if ((which.bits & bit::inactive) == 0) --active_;
    for (std::size_t i = 0; i < interned_count; ++i) dictionary_.release(number_of(which, i));
}

void user_store::take_out(std::uint32_t place) noexcept {
    remove_from_indexes(place);
    discount(place);
    arena_.release(place, words_of(at(place)));
    by_uid_.clear();
}

void user_store::write(std::uint32_t place, const record_plan& plan, const user_data& user,
                       const inheritance& inherited) noexcept {
    write_record({arena_.at(place), plan.words * arena::word_bytes}, plan, user, inherited.numbers,
                 inherited.epoch);
    const record& written = at(place);
    mapped_text_bytes_ += mapped_bytes_of(written);
    ++size_;
    if (user.meta.state == user_state::active) ++active_;
    highest_uid_ = std::max(highest_uid_, user.meta.uid);
}

// Stores a user of whom nothing is left in the indexes, at the end.
std::uint32_t user_store::append(const user_data& user, const inheritance& inherited) {
    std::string scratch;
    const record_plan plan = plan_of(user, inherited.numbers, scratch);
    key_buffer buffer;
    const keys key = keys_of(user.get(field::external_id), email_key_of(plan, buffer));
    ROLLCALL_CHECK(find_by_id(key.id, key.id_hash) == 0);
    ROLLCALL_CHECK(find_by_email(key.email, key.email_hash) == 0);
    return append(user, inherited, plan, key);
}

// The same for a caller who has looked already that nobody else has the keys.
std::uint32_t user_store::append(const user_data& user, const inheritance& inherited,
                                 const record_plan& plan, const keys& key) {
    if (!arena_.fits(plan.words) && arena_.has_garbage_above_one_in(4)) close_gaps();
    const std::uint32_t place = arena_.allocate(plan.words);
    write(place, plan, user, inherited);
    by_uid_.clear();
    if (!key.id.empty()) {
        by_id_.insert(key.id_hash, place, [this](std::uint32_t r) { return id_hash_of(r); });
    }
    if (!key.email.empty()) {
        by_email_.insert(key.email_hash, place,
                         [this](std::uint32_t r) { return email_hash_of(r); });
    }
    return place;
}

// ---- changes -----------------------------------------------------------------------------------

std::uint32_t user_store::put(const user_data& user) {
    const std::uint32_t place = try_put(user);
    ROLLCALL_CHECK(place != 0); // nobody else has the id or the e-mail
    return place;
}

// 0, and nothing changed, if the id or the e-mail belongs to another uid.
std::uint32_t user_store::try_put(const user_data& user) {
    const std::uint32_t uid = user.meta.uid;
    ROLLCALL_CHECK(uid != 0);
    inheritance inherited{.numbers = intern(user), .epoch = 0};
    std::string scratch;
    const record_plan plan = plan_of(user, inherited.numbers, scratch);
    key_buffer buffer;
    const keys key = keys_of(user.get(field::external_id), email_key_of(plan, buffer));
    const std::uint32_t same_id = find_by_id(key.id, key.id_hash);
    const std::uint32_t same_email = find_by_email(key.email, key.email_hash);
    if ((same_id != 0 && at(same_id).uid != uid) ||
        (same_email != 0 && at(same_email).uid != uid)) {
        for (const auto number : inherited.numbers) dictionary_.release(number);
        return 0;
    }
    ++generation_;

    std::uint32_t old = same_id != 0 ? same_id : same_email;
    if (old == 0 && uid <= highest_uid_) old = walk_to_uid(uid);
    if (old == 0) return append(user, inherited, plan, key);

    inherited.epoch = at(old).epoch;
    const std::uint32_t words = words_of(at(old));
    const bool email_stays =
        key.email.empty() ? (at(old).bits & bit::has_email) == 0 : same_email == old;
    if (same_id != old || !email_stays || plan.words > words) {
        take_out(old);
        return append(user, inherited, plan, key);
    }
    discount(old);
    if (plan.words < words) arena_.release(old + plan.words, words - plan.words);
    write(old, plan, user, inherited);
    return old;
}

// Takes the records of all these users out, in one walk, and keeps what the new ones inherit.
void user_store::take_out_all(std::span<const user_data> users,
                              std::span<const std::uint32_t> by_uid,
                              std::span<inheritance> inherited) noexcept {
    const auto uid_of = [&](std::uint32_t i) { return users[i].meta.uid; };
    if (by_uid.empty() || uid_of(by_uid.front()) > highest_uid_) return;
    for (std::uint32_t place = following(0); place != 0;) {
        const record& here = at(place);
        const std::uint32_t next = place + words_of(here);
        const auto found = std::ranges::lower_bound(by_uid, here.uid, {}, uid_of);
        if (found != by_uid.end() && uid_of(*found) == here.uid) {
            inherited[*found].epoch = here.epoch;
            take_out(place);
        }
        place = first_from(next);
    }
}

// One step of growth for all of them.
void user_store::make_room(std::span<const user_data> users,
                           std::span<const inheritance> inherited) {
    if (arena_.has_garbage_above_one_in(4)) close_gaps();
    std::size_t words = 0;
    std::string scratch;
    for (std::size_t i = 0; i < users.size(); ++i) {
        words += plan_of(users[i], inherited[i].numbers, scratch).words;
    }
    arena_.reserve(words);
    by_id_.reserve(users.size(), [this](std::uint32_t r) { return id_hash_of(r); });
    by_email_.reserve(users.size(), [this](std::uint32_t r) { return email_hash_of(r); });
}

void user_store::put_all(std::span<const user_data> users) {
    if (users.empty()) return;
    ++generation_;
    std::vector<std::uint32_t> by_uid(users.size());
    std::iota(by_uid.begin(), by_uid.end(), std::uint32_t{0});
    const auto uid_of = [&](std::uint32_t i) { return users[i].meta.uid; };
    std::ranges::sort(by_uid, {}, uid_of);
    ROLLCALL_CHECK(uid_of(by_uid.front()) != 0);
    ROLLCALL_CHECK(std::ranges::adjacent_find(by_uid, {}, uid_of) == by_uid.end());

    // The new numbers are taken before the old ones are given back: what is in both stays.
    std::vector<inheritance> inherited(users.size());
    for (std::size_t i = 0; i < users.size(); ++i) inherited[i].numbers = intern(users[i]);
    take_out_all(users, by_uid, inherited);
    make_room(users, inherited);
    for (std::size_t i = 0; i < users.size(); ++i) append(users[i], inherited[i]);
}

bool user_store::erase(std::uint32_t uid) {
    const std::uint32_t place = walk_to_uid(uid);
    if (place == 0) return false;
    ++generation_;
    take_out(place);
    return true;
}

// ---- space -------------------------------------------------------------------------------------

void user_store::compact_if_worthwhile() {
    if (arena_.has_garbage_above_one_in(8)) close_gaps();
    arena_.shrink();
    by_id_.shrink([this](std::uint32_t r) { return id_hash_of(r); });
    by_email_.shrink([this](std::uint32_t r) { return email_hash_of(r); });
    dictionary_.compact_if_worthwhile();
    std::vector<std::uint32_t>().swap(by_uid_);
}

// Slides the records down over the gaps, a run of neighbours at a time. The references in the
// indexes follow by how far their run moved, so that nothing is hashed again.
void user_store::close_gaps() {
    struct run {
        std::uint32_t from;
        std::uint32_t moved;
    };
    std::vector<run> runs;
    ++generation_;
    by_uid_.clear();
    std::uint32_t to = arena::first;
    for (std::uint32_t begin = first_from(arena::first); begin != 0;) {
        std::uint32_t end = begin;
        while (end < arena_.end() && at(end).uid != 0) end += words_of(at(end));
        const std::uint32_t behind = first_from(end);
        runs.push_back({begin, begin - to});
        std::memmove(arena_.at(to), arena_.at(begin), (end - begin) * arena::word_bytes);
        to += end - begin;
        begin = behind;
    }
    arena_.closed_gaps(to);
    const auto moved = [&runs](std::uint32_t place) {
        const auto after = std::ranges::upper_bound(runs, place, {}, &run::from);
        return place - std::prev(after)->moved;
    };
    by_id_.relocate(moved);
    by_email_.relocate(moved);
}

} // namespace rollcall::directory
