// Compares everything the store holds twice.
#include <algorithm>
#include <string>
#include <vector>

#include "rollcall/core/text.hpp"
#include "user_store.hpp"

namespace rollcall::directory {

namespace {

// Sums over the records that the store also keeps as counters.
struct totals {
    std::size_t users = 0;
    std::size_t active = 0;
    std::size_t with_id = 0;
    std::size_t with_email = 0;
    std::size_t mapped_bytes = 0;
    std::size_t garbage_words = 0;
    std::vector<std::uint32_t> uids;
    std::vector<std::uint32_t> references; // by dictionary number
};

// Texts are employee data: only the number of the user is told.
std::string of_user(const record& which, std::string_view what) {
    return "user " + std::to_string(which.uid) + ": " + std::string(what);
}

std::string differs(std::string_view what, std::size_t kept, std::size_t counted) {
    return std::string(what) + ": " + std::to_string(kept) + " kept, " + std::to_string(counted) +
           " counted";
}

std::optional<std::string> check_email(const user_store& store, std::uint32_t place) {
    const record& here = store.at(place);
    std::string scratch;
    const std::string_view email = trim(text_of(here, slot::email));
    key_buffer buffer;
    const std::string_view key = email_key_of(here, buffer);
    if (email.empty() != key.empty() || (!email.empty() && fold(email, scratch) != key)) {
        return of_user(here, "the e-mail's key is not the folded e-mail");
    }
    if (!key.empty() && store.find_by_email(key) != place) {
        return of_user(here, "is not found by e-mail");
    }
    return std::nullopt;
}

std::optional<std::string> check_record(const user_store& store, std::uint32_t place,
                                        totals& sums) {
    const record& here = store.at(place);
    ++sums.users;
    sums.uids.push_back(here.uid);
    if ((here.bits & bit::inactive) == 0) ++sums.active;
    if ((here.bits & bit::has_email) != 0) ++sums.with_email;
    sums.mapped_bytes += own_bytes_of(here);
    for (std::size_t i = 0; i < interned_count; ++i) {
        const std::uint32_t number = number_of(here, i);
        if (number >= sums.references.size()) {
            return of_user(here, "a dictionary number is out of range");
        }
        ++sums.references[number];
        sums.mapped_bytes += store.words().text(number).size();
    }
    const std::string_view id = text_of(here, slot::external_id);
    if (!id.empty()) {
        ++sums.with_id;
        if (store.find_by_id(id) != place) return of_user(here, "is not found by id");
    }
    return check_email(store, place);
}

// Walks the arena word by word of its own account; a wrong length leads past its end.
std::optional<std::string> check_records(const user_store& store, const arena& memory,
                                         totals& sums) {
    for (std::uint32_t place = arena::first; place < memory.end();) {
        const record& here = store.at(place);
        std::uint32_t words = 0;
        if (here.uid == 0) {
            words = here.epoch; // where a gap has its length
            sums.garbage_words += words;
        } else {
            const std::size_t left = (memory.end() - place) * arena::word_bytes;
            if (left < sizeof(record) || words_of(here) > memory.end() - place) {
                return of_user(here, "the record reaches past the arena's end");
            }
            words = words_of(here);
            if (auto wrong = check_record(store, place, sums)) return wrong;
        }
        if (words == 0 || words > memory.end() - place) return "a gap has an impossible length";
        place += words;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> user_store::verify() const {
    static_assert(offsetof(gap, words) == offsetof(record, epoch));
    if (auto wrong = dictionary_.verify()) return wrong;
    totals sums;
    sums.references.resize(dictionary_.size());
    if (auto wrong = check_records(*this, arena_, sums)) return wrong;

    std::ranges::sort(sums.uids);
    if (const auto twice = std::ranges::adjacent_find(sums.uids); twice != sums.uids.end()) {
        return "two records of user " + std::to_string(*twice);
    }
    if (!sums.uids.empty() && sums.uids.back() > highest_uid_) return "the highest uid is too low";
    const auto uid_of = [this](std::uint32_t place) { return at(place).uid; };
    if (!by_uid_.empty() && !std::ranges::equal(by_uid_, sums.uids, {}, uid_of)) {
        return "the order by uid is not that of the records";
    }
    for (std::uint32_t number = 1; number < dictionary_.size(); ++number) {
        if (dictionary_.references(number) != sums.references[number]) {
            return differs("references to dictionary number " + std::to_string(number),
                           dictionary_.references(number), sums.references[number]);
        }
    }
    if (size_ != sums.users) return differs("users", size_, sums.users);
    if (active_ != sums.active) return differs("active users", active_, sums.active);
    if (by_id_.size() != sums.with_id) return differs("id index", by_id_.size(), sums.with_id);
    if (by_email_.size() != sums.with_email) {
        return differs("e-mail index", by_email_.size(), sums.with_email);
    }
    if (mapped_text_bytes_ != sums.mapped_bytes) {
        return differs("mapped text bytes", mapped_text_bytes_, sums.mapped_bytes);
    }
    if (arena_.garbage() != sums.garbage_words) {
        return differs("garbage words", arena_.garbage(), sums.garbage_words);
    }
    return std::nullopt;
}

} // namespace rollcall::directory
