// What tenant_directory is made of: the arena of records, the two indexes over it, the dictionary
// and the counters, held together. The public class forwards to it; tests can look inside.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arena.hpp"
#include "dictionary.hpp"
#include "index.hpp"
#include "record.hpp"
#include "rollcall/core/hash.hpp"
#include "rollcall/directory/user.hpp"

namespace rollcall::directory {

// Records are named by their place in the arena; 0 is no record.
class user_store {
  public:
    user_store() = default;
    user_store(const user_store&) = delete;
    user_store& operator=(const user_store&) = delete;
    ~user_store() = default;

    [[nodiscard]] std::uint32_t find_by_id(std::string_view id) const noexcept {
        return find_by_id(id, hash64(id));
    }
    void prefetch_index(std::string_view id) const noexcept { by_id_.prefetch(hash64(id)); }
    void prefetch_record(std::string_view id) const noexcept;
    [[nodiscard]] std::uint32_t find_by_email(std::string_view key) const noexcept {
        return find_by_email(key, hash64(key));
    }
    [[nodiscard]] std::uint32_t find_by_uid(std::uint32_t uid) const;

    [[nodiscard]] const record& at(std::uint32_t place) const noexcept {
        return *std::launder(reinterpret_cast<const record*>(arena_.at(place)));
    }
    [[nodiscard]] record& at(std::uint32_t place) noexcept {
        return *std::launder(reinterpret_cast<record*>(arena_.at(place)));
    }
    [[nodiscard]] std::string_view text(std::uint32_t place, field which) const noexcept;
    [[nodiscard]] user_values values(std::uint32_t place) const noexcept;
    // The first record at or behind `place`, or 0.
    [[nodiscard]] std::uint32_t first_from(std::uint32_t place) const noexcept;
    [[nodiscard]] std::uint32_t following(std::uint32_t place) const noexcept {
        return first_from(place == 0 ? arena::first : place + words_of(at(place)));
    }

    std::uint32_t put(const user_data& user);
    std::uint32_t try_put(const user_data& user);
    void put_all(std::span<const user_data> users);
    bool erase(std::uint32_t uid);
    void compact_if_worthwhile();

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t active() const noexcept { return active_; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] std::size_t mapped_text_bytes() const noexcept { return mapped_text_bytes_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;
    [[nodiscard]] const dictionary& words() const noexcept { return dictionary_; }
    [[nodiscard]] std::optional<std::string> verify() const;

  private:
    friend struct user_store_probe; // the tests' way to plant faults that verify() must find

    // Under what a user is indexed, hashed once.
    struct keys {
        std::string_view id;
        std::string_view email;
        std::uint64_t id_hash;
        std::uint64_t email_hash;
    };
    [[nodiscard]] static keys keys_of(std::string_view id, std::string_view email) noexcept {
        return {id, email, hash64(id), hash64(email)};
    }

    // What a user takes over from the record it replaces, or gets before it has one.
    struct inheritance {
        dictionary_numbers numbers{};
        std::uint32_t epoch = 0;
    };

    [[nodiscard]] std::uint32_t find_by_id(std::string_view id, std::uint64_t hash) const noexcept;
    [[nodiscard]] std::uint32_t find_by_email(std::string_view key,
                                              std::uint64_t hash) const noexcept;
    void order_by_uid() const;
    [[nodiscard]] std::uint32_t find_in_order(std::uint32_t uid) const noexcept;
    [[nodiscard]] std::uint32_t walk_to_uid(std::uint32_t uid) const noexcept;
    [[nodiscard]] std::uint64_t id_hash_of(std::uint32_t place) const noexcept;
    [[nodiscard]] std::uint64_t email_hash_of(std::uint32_t place) const noexcept;
    [[nodiscard]] std::size_t mapped_bytes_of(const record& which) const noexcept;

    [[nodiscard]] dictionary_numbers intern(const user_data& user);
    void remove_from_indexes(std::uint32_t place) noexcept;
    void discount(std::uint32_t place) noexcept;
    void take_out(std::uint32_t place) noexcept;
    void take_out_all(std::span<const user_data> users, std::span<const std::uint32_t> by_uid,
                      std::span<inheritance> inherited) noexcept;
    void write(std::uint32_t place, const record_plan& plan, const user_data& user,
               const inheritance& inherited) noexcept;
    std::uint32_t append(const user_data& user, const inheritance& inherited);
    std::uint32_t append(const user_data& user, const inheritance& inherited,
                         const record_plan& plan, const keys& key);
    void make_room(std::span<const user_data> users, std::span<const inheritance> inherited);
    void close_gaps();

    arena arena_;
    index_table by_id_;
    index_table by_email_;
    dictionary dictionary_;
    // The records by uid, while nothing has moved since find_by_uid made it: else empty.
    mutable std::vector<std::uint32_t> by_uid_;
    std::uint64_t generation_ = 0;
    std::uint64_t mapped_text_bytes_ = 0;
    std::uint32_t size_ = 0;
    std::uint32_t active_ = 0;
    std::uint32_t highest_uid_ = 0; // a greater one is new, which saves the walk for it
};

} // namespace rollcall::directory
