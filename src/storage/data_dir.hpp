// The data directory of a node: its lock, its file names and the ballast.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "rollcall/core/error.hpp"

namespace rollcall::storage {

// A file descriptor with an owner.
class descriptor {
  public:
    explicit descriptor(int number = -1) noexcept : number_(number) {}
    ~descriptor();
    descriptor(descriptor&& other) noexcept;
    descriptor& operator=(descriptor&& other) noexcept;
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

  private:
    int number_;
};

// Makes what was renamed or created in this folder survive a power cut. False on an I/O error.
[[nodiscard]] bool sync_folder(const std::string& path) noexcept;

// Our hold on the directory, for as long as this lives.
//
// The lock is on a file of its own. A second descriptor of the database in this process would drop
// SQLite's POSIX locks when it is closed ("How To Corrupt An SQLite Database File", section 2.2),
// so nothing here opens the database once SQLite has it.
class data_dir {
  public:
    // Creates the directory (0700) and the database file (0600) where they are missing, and takes
    // the lock. errc::locked names the process that holds it.
    [[nodiscard]] static outcome<data_dir> open(const std::string& path);

    [[nodiscard]] std::string database() const { return path_ + "/rollcall.db"; }

  private:
    data_dir(std::string path, descriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    descriptor lock_;
};

// Space held back for the day on which the disk is full: given up then, so that a checkpoint and
// the last writes of a drain find room, and taken again before new work is accepted.
class ballast {
  public:
    ballast(std::string path, std::size_t size_bytes)
        : path_(std::move(path)), size_bytes_(size_bytes) {}
    // True if the space is held now. Size 0 holds nothing, always.
    [[nodiscard]] bool reserve() noexcept;
    void release() noexcept;

  private:
    std::string path_;
    std::size_t size_bytes_;
    bool held_ = false;
};

} // namespace rollcall::storage
