#include "rollcall/storage/key_vault.hpp"

#include <sys/stat.h>

#include <fstream>
#include <set>

#include "store_fixture.hpp"

namespace rollcall::storage::testing {
namespace {

secret text(std::string_view bytes) {
    return secret(bytes);
}

file_key_vault vault_of(char fill) {
    return file_key_vault(text(std::string(32, fill)));
}

TEST(KeyVault, OpensWhatItSealed) {
    auto vault = vault_of('k');
    for (const std::string& key : {std::string(), std::string("a"), std::string(500, 'x')}) {
        const auto sealed = vault.seal(7, text(key));
        const auto opened = vault.open(7, sealed);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), key);
    }
}

TEST(KeyVault, SealsTheSameKeyDifferentlyEachTime) {
    auto vault = vault_of('k');
    EXPECT_NE(vault.seal(7, text("same")), vault.seal(7, text("same")));
}

TEST(KeyVault, La1TokensAre256RandomBitsAsBase64url) {
    auto vault = vault_of('k');
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto token = vault.make_token();
        EXPECT_EQ(token.size(), sync::token_letters);
        const auto odd = token.reveal().find_first_not_of(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
        EXPECT_EQ(odd, std::string_view::npos);
        EXPECT_TRUE(seen.emplace(token.reveal()).second);
    }
}

TEST(KeyVault, La1MarksOfTokensDependOnTheTokenAndTheNodesKeyAlone) {
    auto vault = vault_of('k');
    const auto mark = vault.mark_token("token");
    EXPECT_EQ(vault_of('k').mark_token("token"), mark) << "the same after a restart";
    EXPECT_NE(vault.mark_token("tokem"), mark);
    EXPECT_NE(vault.mark_token("token "), mark);
    EXPECT_NE(vault_of('l').mark_token("token"), mark);
    EXPECT_NE(vault.mark_token(""), sync::token_mark{});
    // Of 32 times 'k', worked out with another implementation of BLAKE2b: stored marks must stay
    // good.
    std::string hex;
    for (const auto byte : vault.mark_token("token")) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    EXPECT_EQ(hex, "637d295d44c7ba247df18aa25ec52b893107527af7b9aa76100df8e7041bb052");
}

TEST(KeyVault, OpensForNoOtherTenant) {
    auto vault = vault_of('k');
    const auto sealed = vault.seal(7, text("key"));
    for (const sync::tenant_key other : {0u, 6u, 8u, 7u << 8, 7u << 24}) {
        EXPECT_EQ(vault.open(other, sealed).error(), errc::corrupt);
    }
}

TEST(KeyVault, OpensUnderNoOtherKey) {
    auto vault = vault_of('k');
    auto other = vault_of('l');
    EXPECT_EQ(other.open(7, vault.seal(7, text("key"))).error(), errc::corrupt);
}

TEST(KeyVault, RefusesEveryChangedBitAndEveryLength) {
    auto vault = vault_of('k');
    const auto sealed = vault.seal(7, text("api key"));
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto changed = sealed;
        changed[bit / 8] = static_cast<unsigned char>(changed[bit / 8] ^ (1u << (bit % 8)));
        EXPECT_EQ(vault.open(7, changed).error(), errc::corrupt) << "bit " << bit;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(vault.open(7, std::span(sealed).first(size))) << size << " bytes";
    }
}

TEST(KeyVault, MakesItsKeyFileOnceAndKeepsIt) {
    const temporary_folder folder;
    const auto path = folder / "key";
    const auto refused = file_key_vault::open(path, if_absent::fail);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(path));

    auto first = file_key_vault::open(path, if_absent::create);
    ASSERT_TRUE(first) << first.error().detail;
    struct stat about{};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777u, 0600u);
    EXPECT_EQ(about.st_size, 32);
    const auto sealed = (*first)->seal(1, text("key"));
    auto second = file_key_vault::open(path, if_absent::create);
    ASSERT_TRUE(second);
    EXPECT_TRUE((*second)->open(1, sealed));
}

TEST(KeyVault, RefusesAKeyFileThatOthersCanReadOrThatIsNoKey) {
    const temporary_folder folder;
    const auto path = folder / "key";
    ASSERT_TRUE(file_key_vault::open(path, if_absent::create));
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    EXPECT_EQ(file_key_vault::open(path, if_absent::fail).error().code, errc::invalid_argument);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    EXPECT_TRUE(file_key_vault::open(path, if_absent::fail));
    std::ofstream(path, std::ios::app) << "\n";
    EXPECT_EQ(file_key_vault::open(path, if_absent::fail).error().code, errc::invalid_argument);
}

TEST(KeyVault, PrefersTheCredentialOfTheService) {
    const temporary_folder folder;
    ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1), 0);
    EXPECT_EQ(file_key_vault::key_path("/etc/key"), "/etc/key") << "there is none";
    const auto path = folder / "rollcall-key";
    std::ofstream(path) << std::string(32, 'k');
    EXPECT_EQ(file_key_vault::key_path("/etc/key"), path);
    // As systemd leaves it where an ACL lets the service read it.
    ASSERT_EQ(::chmod(path.c_str(), 0440), 0);
    EXPECT_TRUE(file_key_vault::open(path, if_absent::fail));
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_FALSE(file_key_vault::open(path, if_absent::fail));
}

} // namespace
} // namespace rollcall::storage::testing
