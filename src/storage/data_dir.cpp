#include "data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace rollcall::storage {
namespace {

failure file_failure(errc code, const std::string& path, const char* what) {
    return {code, path + ": " + what + ": " + std::strerror(errno)};
}

std::string holder_of(int lock) {
    std::string text(32, '\0');
    const auto size = ::pread(lock, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    const auto end = text.find_first_not_of("0123456789");
    text.resize(end == std::string::npos ? text.size() : end);
    return text.empty() ? "another process" : "process " + text;
}

} // namespace

descriptor::~descriptor() {
    if (number_ >= 0) ::close(number_);
}

descriptor::descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

bool sync_folder(const std::string& path) noexcept {
    const descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder && ::fsync(folder.get()) == 0;
}

outcome<data_dir> data_dir::open(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return file_failure(errc::invalid_argument, path, "cannot create the data directory");
    }
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
        return failure{errc::invalid_argument, path + " is not a directory"};
    }
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return failure{errc::invalid_argument,
                       path +
                           " can be written by other users, who could replace the database: "
                           "run chmod 700 on it"};
    }

    const std::string lock_path = path + "/rollcall.lock";
    descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return file_failure(errc::invalid_argument, lock_path, "cannot open");
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return file_failure(errc::storage_failed, lock_path, "cannot lock");
        }
        return failure{errc::locked, "data directory " + path + " is in use by " +
                                         holder_of(lock.get()) +
                                         ": stop it, or choose another directory"};
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // Only a courtesy to whoever finds it locked: the lock itself needs no content.
    if (::ftruncate(lock.get(), 0) == 0) {
        [[maybe_unused]] const auto written = ::pwrite(lock.get(), pid.data(), pid.size(), 0);
    }

    data_dir opened(path, std::move(lock));
    // SQLite would create it with the umask's mode; its WAL then takes the mode of this file.
    const std::string file = opened.database();
    const descriptor created(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!created && errno != EEXIST) {
        return file_failure(errno == ENOSPC ? errc::storage_full : errc::storage_failed, file,
                            "cannot create");
    }
    if (!sync_folder(path)) return file_failure(errc::storage_failed, path, "cannot be synced");
    return opened;
}

bool ballast::reserve() noexcept {
    if (size_bytes_ == 0 || held_) return true;
    const descriptor file(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return false;
    held_ = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size_bytes_)) == 0;
    if (!held_) ::unlink(path_.c_str());
    return held_;
}

void ballast::release() noexcept {
    if (size_bytes_ == 0) return;
    ::unlink(path_.c_str());
    held_ = false;
}

} // namespace rollcall::storage
