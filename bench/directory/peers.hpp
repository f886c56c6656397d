// The peers of directory_bench: a tenant on each.
#pragma once
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "../../src/directory/user_store.hpp"
#include "rollcall/core/hash.hpp"

namespace rollcall::bench {

using directory::field;
using directory::user_data;
using directory::user_store;

// Hash and equality of records by one of their keys, as boost::unordered_flat_set wants them.
struct place_hash {
    using is_transparent = void;
    using is_avalanching = void;
    const user_store* users;
    field key;

    std::size_t operator()(std::string_view text) const { return hash64(text); }
    std::size_t operator()(std::uint32_t place) const {
        directory::key_buffer buffer;
        return hash64(key == field::email ? email_key_of(users->at(place), buffer)
                                          : users->text(place, field::external_id));
    }
};

struct place_equal {
    using is_transparent = void;
    const user_store* users;
    field key;

    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(std::string_view text, std::uint32_t place) const {
        directory::key_buffer buffer;
        return text == (key == field::email ? email_key_of(users->at(place), buffer)
                                            : users->text(place, field::external_id));
    }
    bool operator()(std::uint32_t place, std::string_view text) const {
        return (*this)(text, place);
    }
};

using place_set = boost::unordered_flat_set<std::uint32_t, place_hash, place_equal>;

// The store's own indexes are there too, and not used.
struct flat_set_tenant {
    user_store users;
    place_set by_id{0, {&users, field::external_id}, {&users, field::external_id}};
    place_set by_email{0, {&users, field::email}, {&users, field::email}};
};

struct string_map_tenant {
    std::unordered_map<std::string, user_data> by_id;
    std::unordered_map<std::string, user_data*> by_email;
};

} // namespace rollcall::bench
