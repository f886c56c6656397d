// The file of notices: each exactly once, whatever a crash leaves behind.
#include "rollcall/storage/notice_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <fstream>
#include <sstream>

#include "store_fixture.hpp"

namespace rollcall::storage::testing {
namespace {

class NoticeFile : public ::testing::Test {
  protected:
    void open() {
        sink.reset();
        auto opened = notice_file::open(home.world.home(), home.disk, path);
        ASSERT_TRUE(opened) << opened.error().detail;
        sink = std::move(*opened);
    }
    failure open_fails() {
        sink.reset();
        auto opened = notice_file::open(home.world.home(), home.disk, path);
        EXPECT_FALSE(opened);
        return opened ? failure{errc::ok, ""} : opened.error();
    }
    errc deliver(std::uint64_t first, std::uint64_t last) {
        std::vector<sync::notice> all;
        for (auto number = first; number <= last; ++number) all.push_back(make_notice(1, number));
        const auto done = home.world.run(sink->deliver(all));
        return done ? errc::ok : errc_of(done.error());
    }
    [[nodiscard]] std::string content() const {
        std::ifstream in(path, std::ios::binary);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }
    void write(const std::string& text) const {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    }
    // The numbers of all lines, each of which must be whole.
    [[nodiscard]] std::vector<std::uint64_t> numbers() const {
        std::vector<std::uint64_t> found;
        std::istringstream lines(content());
        for (std::string line; std::getline(lines, line);) {
            boost::system::error_code error;
            const auto value = boost::json::parse(line, error);
            EXPECT_FALSE(error) << line;
            if (error) continue;
            found.push_back(value.at("number").to_number<std::uint64_t>());
        }
        return found;
    }
    static std::vector<std::uint64_t> up_to(std::uint64_t last) {
        std::vector<std::uint64_t> all(last);
        for (std::uint64_t i = 0; i < last; ++i) all[i] = i + 1;
        return all;
    }

    temporary_folder folder;
    std::string path = folder / "notices.jsonl";
    virtual_home home;
    std::unique_ptr<notice_file> sink;
};

TEST_F(NoticeFile, WritesALineOfJsonForEachNotice) {
    open();
    ASSERT_EQ(deliver(2, 3), errc::ok);
    EXPECT_EQ(content(),
              R"({"number":2,"kind":"update","tenant":"tenant-1","uid":1,"external_id":"PW1",)"
              R"("email":"user1@b.example","name":"Zoë \"Z\" Müller 1",)"
              R"("fields":"location, job_title","run":41,"at":"2023-11-14T22:13:26.006Z",)"
              R"("idempotency_key":"rollcall-2"})"
              "\n"
              R"({"number":3,"kind":"invitation","tenant":"tenant-1","uid":1,"external_id":"PW1",)"
              R"("email":"user1@b.example","name":"Zoë \"Z\" Müller 1",)"
              R"("fields":"","run":41,"at":"2023-11-14T22:13:26.006Z",)"
              R"("idempotency_key":"rollcall-3"})"
              "\n");
    struct stat about{};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(NoticeFile, PassesOverWhatItHasHadAlsoAfterARestart) {
    open();
    ASSERT_EQ(deliver(1, 4), errc::ok);
    ASSERT_EQ(deliver(1, 5), errc::ok);
    open();
    ASSERT_EQ(deliver(3, 7), errc::ok);
    ASSERT_EQ(deliver(7, 7), errc::ok);
    EXPECT_EQ(numbers(), up_to(7));
}

TEST_F(NoticeFile, CompletesAFileThatWasCutAtAnyByte) {
    open();
    ASSERT_EQ(deliver(1, 3), errc::ok);
    const auto whole = content();
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        SCOPED_TRACE(size);
        sink.reset();
        write(whole.substr(0, size));
        open();
        ASSERT_EQ(deliver(1, 3), errc::ok);
        ASSERT_EQ(content(), whole);
    }
}

TEST_F(NoticeFile, CutsOffBlocksThatNeverReachedTheDiskWithTheLinesBehindThem) {
    open();
    ASSERT_EQ(deliver(1, 100), errc::ok);
    const auto whole = content();
    for (const std::size_t block : {0u, 1u, 3u}) {
        SCOPED_TRACE(block);
        auto torn = whole;
        torn.replace(block * 4096, 4096, std::string(4096, '\0'));
        sink.reset();
        write(torn);
        open();
        ASSERT_EQ(deliver(1, 100), errc::ok);
        EXPECT_EQ(content(), whole);
    }
}

TEST_F(NoticeFile, GoesOnWhereALongFileEnds) {
    open();
    ASSERT_EQ(deliver(1, 2'500), errc::ok);
    ASSERT_GT(content().size(), std::size_t{512} << 10);
    std::filesystem::resize_file(path, content().size() - 10);
    open();
    ASSERT_EQ(deliver(2'490, 2'510), errc::ok);
    EXPECT_EQ(numbers(), up_to(2'510));
}

TEST_F(NoticeFile, LeavesSomebodyElsesFileAlone) {
    std::string long_text;
    for (int i = 0; i < 100'000; ++i) long_text += "key = value\n";
    for (const auto& text :
         {std::string("root:x:0:0\n"), std::string("x"), std::string("{\"a\":1}\n"), long_text}) {
        write(text);
        EXPECT_EQ(open_fails().code, errc::invalid_argument);
        EXPECT_EQ(content(), text);
    }
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    EXPECT_EQ(open_fails().code, errc::invalid_argument);
}

TEST_F(NoticeFile, HasOneWriter) {
    open();
    auto second = notice_file::open(home.world.home(), home.disk, path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::locked);
}

// A limit on the size of files stands for a full disk: the write that meets it is cut short.
class no_room {
  public:
    explicit no_room(std::size_t bytes) {
        previous_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        auto less = before_;
        less.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &less);
    }
    ~no_room() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, previous_);
    }
    no_room(const no_room&) = delete;
    no_room& operator=(const no_room&) = delete;

  private:
    void (*previous_)(int) = nullptr;
    rlimit before_{};
};

TEST_F(NoticeFile, AFullDiskRefusesCleanlyAndRecovers) {
    open();
    ASSERT_EQ(deliver(1, 2), errc::ok);
    const auto before = content();
    {
        const no_room limit(before.size() + 300); // room for a line and a half
        EXPECT_EQ(deliver(1, 4), errc::storage_full);
        EXPECT_EQ(content(), before);
        EXPECT_EQ(deliver(3, 3), errc::ok);
    }
    EXPECT_EQ(deliver(1, 4), errc::ok);
    EXPECT_EQ(numbers(), up_to(4));
}

TEST_F(NoticeFile, SaysBusyWhenTheWorkerTakesNoMore) {
    struct refusing_worker final : worker {
        bool submit(std::function<void()>) override { return false; }
    };
    refusing_worker disk;
    auto opened = notice_file::open(home.world.home(), disk, path);
    ASSERT_TRUE(opened);
    const std::vector one{make_notice(1, 1)};
    EXPECT_EQ(home.world.run((*opened)->deliver(one)).error(), errc::busy);
}

} // namespace
} // namespace rollcall::storage::testing
