// What an audit entry is made of: bytes, seal and hash, without a database.
#include "storage/audit_chain.hpp"

#include <set>

#include "storage/step_pack.hpp"
#include "store_fixture.hpp"

namespace rollcall::storage::testing {
namespace {

audit_columns make_columns() {
    audit_columns columns;
    columns.tenant = 7;
    columns.number = 3;
    columns.run = 41;
    columns.cause = "sweep";
    columns.at_ms = 1'700'000'000'000;
    columns.kind = "update";
    columns.uid = 12;
    return columns;
}

// The columns, each changed in one place.
std::vector<audit_columns> others_of(const audit_columns& columns) {
    std::vector<audit_columns> all(8, columns);
    all[0].tenant += 1;
    all[1].number += 1;
    all[2].run += 1;
    all[3].cause = "manual";
    all[4].at_ms += 1;
    all[5].kind = "deactivate";
    all[6].uid += 1;
    all[7].team += 1;
    return all;
}

// Every attribute, every owner, texts of all kinds.
sync::step full_step() {
    sync::step step{sync::step_kind::update, 12, "Zoë", {}};
    for (std::size_t i = 0; i < sync::attribute_count; ++i) {
        step.changes.push_back({static_cast<sync::attribute>(i),
                                static_cast<directory::owner>(i % 3),
                                static_cast<directory::owner>((i + 1) % 3),
                                std::string(i * 20, 'o'), std::string("n\0w", 3), "LA-19"});
    }
    return step;
}

TEST(StepPack, GivesBackEveryStep) {
    const std::vector steps{full_step(), make_steps()[1], sync::step{}};
    std::vector<sync::step> read;
    ASSERT_TRUE(unpack_steps(pack_steps(steps), read));
    EXPECT_EQ(read, steps);
}

TEST(StepPack, RefusesEveryPrefixAndWhatComesAfterTheEnd) {
    const auto packed = pack_body(full_step());
    sync::step step;
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_FALSE(unpack_body(std::string_view(packed).substr(0, size), step)) << size;
    }
    EXPECT_FALSE(unpack_body(packed + '\0', step));
    EXPECT_TRUE(unpack_body(packed, step));
}

TEST(StepPack, SurvivesAnyChangedByte) {
    const auto packed = pack_steps(make_steps());
    for (std::size_t i = 0; i < packed.size(); ++i) {
        for (const int change : {1, 0x80, 0xff}) {
            auto bytes = packed;
            bytes[i] = static_cast<char>(bytes[i] ^ change);
            std::vector<sync::step> steps;
            (void)unpack_steps(bytes, steps); // true or false: the sanitizers judge the rest
        }
    }
}

TEST(AuditChain, OpensOnlyUnderItsKeyAndInItsPlace) {
    audit_chain chain;
    const auto key = new_person_key();
    const auto columns = make_columns();
    const auto sealed = chain.seal(key, columns, full_step());
    EXPECT_EQ(sealed.find("Zoë"), std::string::npos);
    EXPECT_EQ(sealed.find("LA-19"), std::string::npos);
    sync::step read{sync::step_kind::update, 12, "", {}};
    ASSERT_TRUE(chain.open(key, columns, sealed, read));
    EXPECT_EQ(read, full_step());

    EXPECT_FALSE(chain.open(new_person_key(), columns, sealed, read));
    for (const auto& other : others_of(columns)) {
        EXPECT_FALSE(chain.open(key, other, sealed, read));
    }
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(chain.open(key, columns, changed, read)) << i;
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{40}}) {
        EXPECT_FALSE(chain.open(key, columns, std::string_view(sealed).substr(0, size), read));
    }
}

TEST(AuditChain, SealsTheSameStepDifferentlyEachTime) {
    audit_chain chain;
    const auto key = new_person_key();
    EXPECT_NE(chain.seal(key, make_columns(), full_step()),
              chain.seal(key, make_columns(), full_step()));
    EXPECT_NE(key, new_person_key());
}

TEST(AuditChain, TheHashDependsOnEverything) {
    audit_chain chain;
    const auto columns = make_columns();
    audit_hash previous{};
    std::set<audit_hash> seen{chain.hash_of(previous, columns, "sealed")};
    for (const auto& other : others_of(columns)) {
        EXPECT_TRUE(seen.insert(chain.hash_of(previous, other, "sealed")).second);
    }
    EXPECT_TRUE(seen.insert(chain.hash_of(previous, columns, "other")).second);
    EXPECT_TRUE(seen.insert(chain.hash_of(previous, columns, "")).second);
    previous.back() = 1;
    EXPECT_TRUE(seen.insert(chain.hash_of(previous, columns, "sealed")).second);
}

// A value made with another implementation (Python's hashlib): a chain that was written must verify
// in every later version.
TEST(AuditChain, TheHashIsTheDocumentedOne) {
    audit_chain chain;
    EXPECT_EQ(hex_of(chain.hash_of({}, make_columns(), "sealed")),
              "c747036e5b0d8219ec018ce2da7938dbc65fefd0e77a8b9d8d35233966c32333");
}

} // namespace
} // namespace rollcall::storage::testing
