// A SQLite VFS that passes everything on to the default one, remembers every change of a file, and
// lets a chosen operation fail. It has no shared memory, so that a WAL works in exclusive mode
// only, as the store is to use it.
#pragma once
#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/core/random.hpp"

namespace rollcall::storage::testing {

// One change of a file of the database.
struct file_operation {
    enum class kind { write, truncate, sync, remove };
    kind what = kind::write;
    std::string file; // without its folder
    std::size_t offset = 0;
    std::string bytes; // of a write; for a truncation, `offset` is the new size
};

enum class fault { io_error, disk_full };
enum class fault_lasts { once, for_ever };

class fault_vfs {
  public:
    fault_vfs() {
        beneath_ = sqlite3_vfs_find(nullptr);
        vfs_ = *beneath_;
        vfs_.szOsFile = static_cast<int>(sizeof(file)) + beneath_->szOsFile;
        vfs_.zName = "fault";
        vfs_.pAppData = this;
        vfs_.pNext = nullptr;
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK) throw std::bad_alloc{};
    }
    ~fault_vfs() { sqlite3_vfs_unregister(&vfs_); }
    fault_vfs(const fault_vfs&) = delete;
    fault_vfs& operator=(const fault_vfs&) = delete;

    // The n-th operation from now on fails, n from 1; after it, every one or none. A full disk
    // fails writes only, since a sync needs no space.
    void fail_at(std::size_t n, fault how, fault_lasts lasts) {
        fail_in_ = n;
        how_ = how;
        lasts_ = lasts;
        hits_ = 0;
    }
    void heal() { fail_in_ = 0; }
    [[nodiscard]] std::size_t hits() const noexcept { return hits_; }
    // All that succeeded since the start, in order.
    [[nodiscard]] const std::vector<file_operation>& trace() const noexcept { return trace_; }

  private:
    struct file {
        sqlite3_file base;
        fault_vfs* owner;
        std::string* name;
        sqlite3_file* real() noexcept { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    static file& of(sqlite3_file* f) noexcept { return *reinterpret_cast<file*>(f); }

    // SQLITE_OK if the operation may go on.
    int gate(file_operation::kind what) {
        if (fail_in_ == 0) return SQLITE_OK;
        const bool counts = how_ == fault::io_error || what == file_operation::kind::write;
        if (!counts) return SQLITE_OK;
        if (fail_in_ > 1) {
            --fail_in_;
            return SQLITE_OK;
        }
        ++hits_;
        if (lasts_ == fault_lasts::once) fail_in_ = 0;
        if (how_ == fault::disk_full) return SQLITE_FULL;
        switch (what) {
            case file_operation::kind::write: return SQLITE_IOERR_WRITE;
            case file_operation::kind::truncate: return SQLITE_IOERR_TRUNCATE;
            case file_operation::kind::sync: return SQLITE_IOERR_FSYNC;
            case file_operation::kind::remove: return SQLITE_IOERR_DELETE;
        }
        return SQLITE_IOERR;
    }
    int done(int code, file_operation operation) {
        if (code == SQLITE_OK) trace_.push_back(std::move(operation));
        return code;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out) {
        auto* self = static_cast<fault_vfs*>(vfs->pAppData);
        auto& opened = of(f);
        opened.base.pMethods = nullptr;
        opened.owner = self;
        const int code = self->beneath_->xOpen(self->beneath_, name, opened.real(), flags, out);
        if (code != SQLITE_OK) return code;
        opened.name =
            new std::string(name == nullptr ? "" : std::filesystem::path(name).filename().string());
        opened.base.pMethods = &methods_;
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
        auto* self = static_cast<fault_vfs*>(vfs->pAppData);
        if (const int code = self->gate(file_operation::kind::remove); code != SQLITE_OK)
            return code;
        return self->done(
            self->beneath_->xDelete(self->beneath_, name, sync_folder),
            {file_operation::kind::remove, std::filesystem::path(name).filename().string(), 0, {}});
    }
    static int close(sqlite3_file* f) {
        delete of(f).name;
        return of(f).real()->pMethods->xClose(of(f).real());
    }
    static int read(sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
        return of(f).real()->pMethods->xRead(of(f).real(), to, size, offset);
    }
    static int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 offset) {
        auto& self = *of(f).owner;
        if (const int code = self.gate(file_operation::kind::write); code != SQLITE_OK) return code;
        return self.done(
            of(f).real()->pMethods->xWrite(of(f).real(), from, size, offset),
            {file_operation::kind::write, *of(f).name, static_cast<std::size_t>(offset),
             std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))});
    }
    static int truncate(sqlite3_file* f, sqlite3_int64 size) {
        auto& self = *of(f).owner;
        if (const int code = self.gate(file_operation::kind::truncate); code != SQLITE_OK) {
            return code;
        }
        return self.done(
            of(f).real()->pMethods->xTruncate(of(f).real(), size),
            {file_operation::kind::truncate, *of(f).name, static_cast<std::size_t>(size), {}});
    }
    static int sync(sqlite3_file* f, int flags) {
        auto& self = *of(f).owner;
        if (const int code = self.gate(file_operation::kind::sync); code != SQLITE_OK) return code;
        return self.done(of(f).real()->pMethods->xSync(of(f).real(), flags),
                         {file_operation::kind::sync, *of(f).name, 0, {}});
    }
    static int size(sqlite3_file* f, sqlite3_int64* out) {
        return of(f).real()->pMethods->xFileSize(of(f).real(), out);
    }
    static int lock(sqlite3_file* f, int level) {
        return of(f).real()->pMethods->xLock(of(f).real(), level);
    }
    static int unlock(sqlite3_file* f, int level) {
        return of(f).real()->pMethods->xUnlock(of(f).real(), level);
    }
    static int check_lock(sqlite3_file* f, int* out) {
        return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), out);
    }
    static int control(sqlite3_file* f, int op, void* argument) {
        // A growth ahead of the writes would pass by the trace.
        if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_NOTFOUND;
        return of(f).real()->pMethods->xFileControl(of(f).real(), op, argument);
    }
    static int sector(sqlite3_file* f) { return of(f).real()->pMethods->xSectorSize(of(f).real()); }
    static int traits(sqlite3_file* f) {
        return of(f).real()->pMethods->xDeviceCharacteristics(of(f).real());
    }

    static constexpr sqlite3_io_methods methods_{
        1,       close,  read,   write,   truncate, sync,    size,    lock,    unlock, check_lock,
        control, sector, traits, nullptr, nullptr,  nullptr, nullptr, nullptr, nullptr};

    sqlite3_vfs* beneath_ = nullptr;
    sqlite3_vfs vfs_{};
    std::size_t fail_in_ = 0;
    fault how_ = fault::io_error;
    fault_lasts lasts_ = fault_lasts::once;
    std::size_t hits_ = 0;
    std::vector<file_operation> trace_;
};

// The files as a crash leaves them, by name.
using disk_image = std::map<std::string, std::string>;

inline void apply(disk_image& image, const file_operation& operation, std::size_t bytes_max) {
    auto& file = image[operation.file];
    switch (operation.what) {
        case file_operation::kind::write: {
            const auto size = std::min(operation.bytes.size(), bytes_max);
            if (file.size() < operation.offset + size) file.resize(operation.offset + size);
            file.replace(operation.offset, size, operation.bytes, 0, size);
            break;
        }
        case file_operation::kind::truncate: file.resize(operation.offset); break;
        case file_operation::kind::remove: image.erase(operation.file); break;
        case file_operation::kind::sync: break;
    }
}

// What is there when the process is killed after the first `count` operations.
inline disk_image image_after_kill(const std::vector<file_operation>& trace, std::size_t count) {
    disk_image image;
    for (std::size_t i = 0; i < count; ++i) apply(image, trace[i], std::string::npos);
    return image;
}

// What is there when the power fails then: all that was synced, and of the rest what chance has
// written, some of it only up to the end of a sector. The first sync of a new journal or WAL syncs
// the folder too, and with it the removals before it.
inline disk_image image_after_power_cut(const std::vector<file_operation>& trace, std::size_t count,
                                        random_source& random) {
    using kind = file_operation::kind;
    constexpr std::size_t sector = 512;
    std::map<std::string, std::size_t> synced; // operations on the file before this are safe
    std::size_t folder_synced = 0;             // removals before this are safe
    for (std::size_t i = 0; i < count; ++i) {
        if (trace[i].what != kind::sync) continue;
        if (!synced.contains(trace[i].file) && trace[i].file != "rollcall.db") folder_synced = i;
        synced[trace[i].file] = i;
    }
    disk_image image;
    for (std::size_t i = 0; i < count; ++i) {
        const auto found = synced.find(trace[i].file);
        const auto of_file = found == synced.end() ? 0 : found->second;
        const bool safe = i < (trace[i].what == kind::remove ? folder_synced : of_file);
        if (!safe && random.chance(0.4)) continue;
        std::size_t bytes_max = std::string::npos;
        if (!safe && random.chance(0.3)) {
            bytes_max = sector * random.below(1 + trace[i].bytes.size() / sector);
        }
        apply(image, trace[i], bytes_max);
    }
    return image;
}

} // namespace rollcall::storage::testing
