// What tests do to the files of a store behind its back. Never while a store of this process has
// them open: closing a second descriptor would drop its locks.
#pragma once
#include <sqlite3.h>

#include "store_fixture.hpp"

namespace rollcall::storage::testing {

// Does something to the file of a closed store.
inline void edit(const std::string& folder, const std::string& sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open((folder + "/rollcall.db").c_str(), &raw), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(raw);
}

inline std::vector<std::vector<std::string>> query(const std::string& file,
                                                   const std::string& sql) {
    std::vector<std::vector<std::string>> rows;
    sqlite3* raw = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &raw), SQLITE_OK);
    const auto add = [](void* into, int count, char** values, char**) {
        auto& row = static_cast<std::vector<std::vector<std::string>>*>(into)->emplace_back();
        for (int i = 0; i < count; ++i) row.emplace_back(values[i] != nullptr ? values[i] : "NULL");
        return 0;
    };
    EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), add, &rows, nullptr), SQLITE_OK)
        << sqlite3_errmsg(raw);
    sqlite3_close(raw);
    return rows;
}

inline failure open_fails(virtual_home& home, const std::string& folder) {
    auto opened = sqlite_store::open(home.world.home(), home.disk, options_for(folder));
    EXPECT_FALSE(opened);
    return opened ? failure{errc::ok, ""} : opened.error();
}

// A store with two tenants, closed.
inline void fill(const std::string& folder) {
    virtual_home home;
    const auto store = open_store(home, options_for(folder));
    for (const sync::tenant_key key : {1u, 2u}) {
        auto batch = full_batch(key);
        batch.run->id = key;
        ASSERT_EQ(commit_now(home, *store, std::move(batch)), errc::ok);
    }
}

} // namespace rollcall::storage::testing
