#include "dictionary.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "rollcall/core/check.hpp"
#include "rollcall/core/hash.hpp"

namespace rollcall::directory {

namespace {

constexpr std::size_t length_bytes = sizeof(std::uint16_t);

// std::vector doubles; a tenant at rest would carry the difference.
template <class T>
void grow_by_an_eighth(std::vector<T>& values, std::size_t more) {
    const std::size_t wanted = values.size() + more;
    if (wanted > values.capacity()) {
        values.reserve(std::max(wanted, values.capacity() + values.capacity() / 8));
    }
}

} // namespace

std::uint64_t dictionary::hash_of(std::uint32_t number) const noexcept {
    return hash64(text(number));
}

std::string_view dictionary::text(std::uint32_t number) const noexcept {
    if (number == 0) return {};
    const char* at = texts_.data() + entries_[number - 1].text;
    std::uint16_t length = 0;
    std::memcpy(&length, at, sizeof length);
    return {at + length_bytes, length};
}

std::uint32_t dictionary::find(std::string_view wanted) const noexcept {
    if (wanted.empty()) return 0;
    return table_.find(hash64(wanted), [&](std::uint32_t at) { return text(at) == wanted; });
}

std::uint32_t dictionary::acquire(std::string_view wanted) {
    if (wanted.empty()) return 0;
    std::uint32_t number = find(wanted);
    if (number == 0) {
        const std::uint32_t place = append(wanted);
        number = take_free_number();
        entries_[number - 1] = {.text = place, .references = 0};
        table_.insert(hash64(wanted), number, [this](std::uint32_t at) { return hash_of(at); });
    }
    ++entries_[number - 1].references;
    return number;
}

void dictionary::release(std::uint32_t number) noexcept {
    if (number == 0) return;
    entry& which = entries_[number - 1];
    ROLLCALL_CHECK(which.references > 0);
    if (--which.references > 0) return;
    const std::string_view unused = text(number);
    ROLLCALL_CHECK(table_.erase(hash64(unused), number));
    garbage_bytes_ += static_cast<std::uint32_t>(length_bytes + unused.size());
    ++free_;
    while (!entries_.empty() && entries_.back().references == 0) {
        entries_.pop_back();
        --free_;
    }
}

// Linear, but only where a number is free: departments come and go a few times a year.
std::uint32_t dictionary::take_free_number() {
    if (free_ > 0) {
        --free_;
        const auto unused = std::find_if(entries_.begin(), entries_.end(),
                                         [](const entry& each) { return each.references == 0; });
        return static_cast<std::uint32_t>(unused - entries_.begin()) + 1;
    }
    grow_by_an_eighth(entries_, 1);
    entries_.emplace_back();
    return static_cast<std::uint32_t>(entries_.size());
}

std::uint32_t dictionary::append(std::string_view text) {
    ROLLCALL_CHECK(text.size() <= std::numeric_limits<std::uint16_t>::max());
    if (std::size_t{garbage_bytes_} * 4 > texts_.size()) compact_texts();
    const std::size_t place = texts_.size();
    const auto length = static_cast<std::uint16_t>(text.size());
    const std::size_t bytes = length_bytes + text.size();
    ROLLCALL_CHECK(place + bytes <= std::numeric_limits<std::uint32_t>::max());
    grow_by_an_eighth(texts_, bytes);
    texts_.resize(place + bytes);
    std::memcpy(texts_.data() + place, &length, sizeof length);
    std::memcpy(texts_.data() + place + length_bytes, text.data(), text.size());
    return static_cast<std::uint32_t>(place);
}

void dictionary::compact_texts() {
    std::vector<char> kept;
    kept.reserve(texts_.size() - garbage_bytes_);
    for (std::uint32_t number = 1; number < size(); ++number) {
        entry& each = entries_[number - 1];
        if (each.references == 0) continue;
        const std::string_view moved = text(number);
        each.text = static_cast<std::uint32_t>(kept.size());
        kept.insert(kept.end(), moved.data() - length_bytes, moved.data() + moved.size());
    }
    texts_ = std::move(kept);
    garbage_bytes_ = 0;
}

void dictionary::compact_if_worthwhile() {
    if (std::size_t{garbage_bytes_} * 8 > texts_.size()) compact_texts();
    if (texts_.capacity() - texts_.size() > texts_.size() / 8) texts_.shrink_to_fit();
    if (entries_.capacity() - entries_.size() > entries_.size() / 8) entries_.shrink_to_fit();
    table_.shrink([this](std::uint32_t number) { return hash_of(number); });
}

std::size_t dictionary::memory_bytes() const noexcept {
    return entries_.capacity() * sizeof(entry) + texts_.capacity() + table_.memory_bytes();
}

std::optional<std::string> dictionary::verify() const {
    std::size_t used = 0;
    std::size_t bytes = 0;
    for (std::uint32_t number = 1; number < size(); ++number) {
        const entry& each = entries_[number - 1];
        if (each.references == 0) continue;
        ++used;
        if (each.text + length_bytes > texts_.size() ||
            each.text + length_bytes + text(number).size() > texts_.size()) {
            return "dictionary number " + std::to_string(number) + " lies outside the texts";
        }
        bytes += length_bytes + text(number).size();
        if (find(text(number)) != number) {
            return "dictionary number " + std::to_string(number) + " is not found by its text";
        }
    }
    if (table_.size() != used) return "the dictionary's table has another size than its entries";
    if (entries_.size() - used != free_) return "the dictionary's count of free numbers is wrong";
    if (bytes + garbage_bytes_ != texts_.size()) return "the dictionary's garbage count is wrong";
    return std::nullopt;
}

} // namespace rollcall::directory
