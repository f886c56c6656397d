#include "rollcall/storage/notice_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <absl/time/time.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "data_dir.hpp"

namespace rollcall::storage {
namespace {

// Lines are written and synced in batches of about this size, so that only the end of the file,
// which open() looks at, can be torn. A line is far shorter than the rest of that.
constexpr std::size_t batch_bytes = 64u << 10;
constexpr std::size_t tail_bytes = 256u << 10;

constexpr std::string_view line_start = R"({"number":)";

failure file_failure(errc code, const std::string& path, std::string_view what) {
    return {code, "notice file " + path + ": " + std::string(what)};
}

// EFBIG is a limit on the size of files (ulimit -f): no room, like the other two.
errc errc_of_errno() noexcept {
    const bool no_room = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return no_room ? errc::storage_full : errc::storage_failed;
}

std::string line_of(const sync::notice& one) {
    const auto number = std::to_string(one.number);
    boost::json::object line;
    line["number"] = one.number;
    line["kind"] = name_of(one.kind);
    line["tenant"] = one.tenant_name;
    line["uid"] = one.uid;
    line["external_id"] = one.external_id;
    line["email"] = one.email;
    line["name"] = one.name;
    line["fields"] = one.fields;
    line["run"] = one.run;
    line["at"] =
        absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromChrono(one.at), absl::UTCTimeZone());
    line["idempotency_key"] = "rollcall-" + number;
    return boost::json::serialize(line) + "\n";
}

// The number of a whole line without its newline; 0 if it is not one of ours.
std::uint64_t number_in(std::string_view line) {
    if (!line.starts_with(line_start)) return 0;
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    if (error || !value.is_object()) return 0;
    const auto* number = value.as_object().if_contains("number");
    if (number == nullptr || !number->is_int64() || number->as_int64() <= 0) return 0;
    return static_cast<std::uint64_t>(number->as_int64());
}

struct sound_part {
    std::size_t bytes = 0;    // of the tail, from its beginning
    std::uint64_t number = 0; // of its last line
};

// How far the tail of a file consists of whole lines with rising numbers. Behind that comes what a
// crash tore: a part of a line, or blocks that never reached the disk and read as zeros, perhaps
// with whole lines after them, which were never acknowledged.
sound_part sound_part_of(std::string_view tail, bool begins_in_a_line) {
    sound_part found;
    if (begins_in_a_line) found.bytes = std::min(tail.find('\n'), tail.size() - 1) + 1;
    for (;;) {
        const auto end = tail.find('\n', found.bytes);
        if (end == std::string_view::npos) return found;
        const auto number = number_in(tail.substr(found.bytes, end - found.bytes));
        if (number <= found.number) return found;
        found = {end + 1, number};
    }
}

// Whether what comes behind the sound part may be a torn line of ours, and not somebody else's file
// that was named by mistake.
bool may_be_torn(std::string_view rest) noexcept {
    return rest.empty() || rest.front() == '\0' ||
           rest.substr(0, line_start.size()) == line_start.substr(0, rest.size());
}

} // namespace

// The file, of which only the worker knows once it is open.
struct notice_file::file {
    std::string path;
    descriptor at;
    std::uint64_t newest = 0; // number of the last line
    bool failed = false;

    [[nodiscard]] std::optional<failure> recover();
    [[nodiscard]] errc append(std::span<const sync::notice> notices);
    [[nodiscard]] errc append(std::string_view lines);
    [[nodiscard]] bool cut(off_t size) noexcept;
};

std::optional<failure> notice_file::file::recover() {
    struct stat about{};
    if (::fstat(at.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
        return file_failure(errc::invalid_argument, path, "is not a regular file");
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    std::string tail(std::min(size, tail_bytes), '\0');
    const auto begin = size - tail.size();
    std::size_t have = 0;
    while (have < tail.size()) {
        const auto got = ::pread(at.get(), tail.data() + have, tail.size() - have,
                                 static_cast<off_t>(begin + have));
        if (got <= 0) {
            return file_failure(errc::storage_failed, path, "cannot be read");
        }
        have += static_cast<std::size_t>(got);
    }
    const auto sound = sound_part_of(tail, begin != 0);
    const bool ours = (sound.number != 0 || begin == 0) &&
                      may_be_torn(std::string_view(tail).substr(sound.bytes));
    if (!tail.empty() && !ours) {
        return file_failure(errc::invalid_argument, path,
                            "holds something else than notices: move it away, or name another");
    }
    newest = sound.number;
    if (begin + sound.bytes != size && !cut(static_cast<off_t>(begin + sound.bytes))) {
        return file_failure(errc::storage_failed, path, "its torn end cannot be cut off");
    }
    return std::nullopt;
}

bool notice_file::file::cut(off_t size) noexcept {
    return ::ftruncate(at.get(), size) == 0 && ::fsync(at.get()) == 0;
}

errc notice_file::file::append(std::span<const sync::notice> notices) {
    std::string lines;
    std::uint64_t last = newest;
    for (const auto& one : notices) {
        if (one.number <= last) continue;
        lines += line_of(one);
        last = one.number;
        if (lines.size() < batch_bytes) continue;
        if (const auto code = append(lines); code != errc::ok) return code;
        newest = last;
        lines.clear();
    }
    if (lines.empty()) return errc::ok;
    const auto code = append(lines);
    if (code == errc::ok) newest = last;
    return code;
}

// All of the lines, or none of them.
errc notice_file::file::append(std::string_view lines) {
    struct stat about{};
    if (failed || ::fstat(at.get(), &about) != 0) return errc::storage_failed;
    errc code = errc::ok;
    while (!lines.empty() && code == errc::ok) {
        const auto written = ::write(at.get(), lines.data(), lines.size());
        if (written >= 0) {
            lines.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            code = errc_of_errno();
        }
    }
    if (code == errc::ok && ::fsync(at.get()) != 0) code = errc_of_errno();
    if (code == errc::ok) return code;
    // After a failed sync nobody knows what the disk has; the next opening finds out.
    if (!cut(about.st_size) || code != errc::storage_full) failed = true;
    return failed ? errc::storage_failed : code;
}

notice_file::notice_file(shard& home, worker& disk, std::shared_ptr<file> opened)
    : home_(home), disk_(disk), file_(std::move(opened)), found_at_open_(file_->newest) {}

notice_file::~notice_file() = default;

outcome<std::unique_ptr<notice_file>> notice_file::open(shard& home, worker& disk,
                                                        const std::string& path) {
    auto opened = std::make_shared<file>();
    opened->path = path;
    // Never blocks on a pipe, which is refused below.
    constexpr int flags =
        O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    opened->at = descriptor(::open(path.c_str(), flags, 0600));
    if (!opened->at) {
        const auto code =
            errno == ENOSPC || errno == EDQUOT ? errc::storage_full : errc::invalid_argument;
        return file_failure(code, path, std::string("cannot be opened: ") + std::strerror(errno));
    }
    if (::flock(opened->at.get(), LOCK_EX | LOCK_NB) != 0) {
        return file_failure(errc::locked, path, "another process writes to it");
    }
    if (auto failed = opened->recover()) return std::move(*failed);
    const auto folder = std::filesystem::path(path).parent_path().string();
    if (!sync_folder(folder.empty() ? "." : folder)) {
        return file_failure(errc::storage_failed, path, "its folder cannot be synced");
    }
    return std::unique_ptr<notice_file>(new notice_file(home, disk, std::move(opened)));
}

task<result<void>> notice_file::deliver(std::span<const sync::notice> notices) {
    // A copy, because the job may outlive a caller that is gone.
    auto job = [shared = file_, all = std::vector(notices.begin(), notices.end())] {
        return std::make_unique<errc>(shared->append(all));
    };
    auto done = co_await run_on(disk_, home_, std::move(job));
    if (!done) co_return errc::busy;
    if (**done != errc::ok) co_return **done;
    co_return result<void>{};
}

} // namespace rollcall::storage
