// verify() finds each kind of damage: one fault is planted at a time.
#include <gtest/gtest.h>

#include "directory/user_store.hpp"
#include "sample.hpp"

namespace rollcall::directory {

struct user_store_probe {
    user_store& store;

    arena& memory() { return store.arena_; }
    index_table& by_id() { return store.by_id_; }
    index_table& by_email() { return store.by_email_; }
    dictionary& words() { return store.dictionary_; }
    std::vector<std::uint32_t>& by_uid() { return store.by_uid_; }
    std::uint32_t& size() { return store.size_; }
    std::uint32_t& active() { return store.active_; }
    std::uint64_t& mapped() { return store.mapped_text_bytes_; }
    std::uint64_t id_hash(std::uint32_t place) { return store.id_hash_of(place); }
    std::uint64_t email_hash(std::uint32_t place) { return store.email_hash_of(place); }
};

namespace {

class Verify : public ::testing::Test {
  protected:
    Verify() {
        for (std::uint32_t uid = 1; uid <= 30; ++uid) store_.put(sample_user(uid));
        store_.erase(10);
        EXPECT_EQ(store_.verify(), std::nullopt);
    }

    [[nodiscard]] std::uint32_t place_of(std::uint32_t uid) const {
        return store_.find_by_uid(uid);
    }
    [[nodiscard]] char* text_at(std::uint32_t uid, slot part) {
        return const_cast<char*>(text_of(store_.at(place_of(uid)), part).data());
    }
    void expect_found(std::string_view words) const {
        const std::optional<std::string> wrong = store_.verify();
        ASSERT_TRUE(wrong.has_value());
        EXPECT_NE(wrong->find(words), std::string::npos) << *wrong;
    }

    user_store store_;
    user_store_probe probe_{store_};
};

TEST_F(Verify, FindsAnIdThatLeftItsIndex) {
    const std::uint32_t place = place_of(4);
    ASSERT_TRUE(probe_.by_id().erase(probe_.id_hash(place), place));
    expect_found("user 4: is not found by id");
}

TEST_F(Verify, FindsAnEmailThatLeftItsIndex) {
    const std::uint32_t place = place_of(4);
    ASSERT_TRUE(probe_.by_email().erase(probe_.email_hash(place), place));
    expect_found("user 4: is not found by e-mail");
}

TEST_F(Verify, FindsAnIdThatWasOverwritten) {
    text_at(4, slot::external_id)[0] = 'x';
    expect_found("user 4: is not found by id");
}

TEST_F(Verify, FindsAnEmailWhoseFoldedFormDiffers) {
    *text_at(3, slot::folded) = 'x';
    expect_found("user 3: the e-mail's key is not the folded e-mail");
}

TEST_F(Verify, FindsAReferenceTooManyInAnIndex) {
    probe_.by_id().insert(1, 12345, [this](std::uint32_t r) { return probe_.id_hash(r); });
    expect_found("id index");
}

TEST_F(Verify, FindsTwoRecordsOfOneUser) {
    store_.at(place_of(4)).uid = 5;
    expect_found("two records of user 5");
}

TEST_F(Verify, FindsAnOrderByUidThatIsNoLongerTrue) {
    ASSERT_NE(place_of(4), 0u); // which makes the order
    std::swap(probe_.by_uid()[3], probe_.by_uid()[4]);
    expect_found("the order by uid");
    probe_.by_uid().clear();
    EXPECT_EQ(store_.verify(), std::nullopt);
}

TEST_F(Verify, FindsALengthThatLeadsAstray) {
    store_.at(place_of(30)).length[7] = 255;
    expect_found("user 30: the record reaches past the arena's end");
}

TEST_F(Verify, FindsADictionaryNumberOutOfRange) {
    store_.at(place_of(4)).number[0] = 999;
    expect_found("user 4: a dictionary number is out of range");
}

TEST_F(Verify, FindsAWrongReferenceCount) {
    static_cast<void>(probe_.words().acquire("Department 1"));
    expect_found("references to dictionary number");
}

TEST_F(Verify, FindsWrongCounters) {
    ++probe_.size();
    expect_found("users: 30 kept, 29 counted");
    --probe_.size();
    --probe_.active();
    expect_found("active users");
    ++probe_.active();
    ++probe_.mapped();
    expect_found("mapped text bytes");
    --probe_.mapped();
    EXPECT_EQ(store_.verify(), std::nullopt);
}

TEST_F(Verify, FindsAStateThatWasChangedBehindTheCounters) {
    store_.at(place_of(4)).bits |= bit::inactive;
    expect_found("active users: 29 kept, 28 counted");
}

TEST_F(Verify, FindsAGapOfImpossibleLength) {
    const std::uint32_t behind = place_of(11);
    const std::uint32_t before = place_of(9) + words_of(store_.at(place_of(9)));
    ASSERT_LT(before, behind);
    gap hole{.uid = 0, .words = 0};
    std::memcpy(probe_.memory().at(before), &hole, sizeof hole);
    expect_found("a gap has an impossible length");
}

} // namespace
} // namespace rollcall::directory
