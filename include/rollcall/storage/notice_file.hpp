// Notices as lines of JSON at the end of a file: the receiver for whoever has no other yet, and the
// pattern for those to come. A line is
//
//     {"number":17,"kind":"invitation","tenant":"acme","uid":4,"external_id":"PW4","email":"…",
//      "name":"…","fields":"","run":9,"at":"2026-01-31T09:00:00.000Z",
//      "idempotency_key":"rollcall-17"}
//
// Each notice is in the file exactly once, whatever crashes: the file is synced before deliver()
// says ok; when it is opened, what a crash left half-written at its end is cut off, and numbers up
// to that of the last whole line are passed over. A reader may follow the file as it grows, but a
// line counts only once its newline is there, and after a failure lines may be cut off and written
// again, under the same idempotency key.
#pragma once
#include <memory>
#include <string>

#include "rollcall/async/shard.hpp"
#include "rollcall/async/worker.hpp"
#include "rollcall/sync/notice.hpp"

namespace rollcall::storage {

class notice_file final : public sync::notice_sink {
  public:
    // Opens or creates the file, mode 0600. Blocks: call it at start-up. errc::locked if another
    // process has it open as this one does, invalid_argument if it is no file of notices or cannot
    // be opened, storage_full, storage_failed; the text says which. `home` and `disk` must outlive
    // the object.
    [[nodiscard]] static outcome<std::unique_ptr<notice_file>> open(shard& home, worker& disk,
                                                                    const std::string& path);
    ~notice_file() override;

    // errc::storage_full leaves the file as it was before the batch that did not fit, of which one
    // call may have several; storage_failed is final until the file is opened again; busy if the
    // worker takes no job.
    [[nodiscard]] task<result<void>> deliver(std::span<const sync::notice> notices) override;
    [[nodiscard]] std::uint64_t last_number() const noexcept override { return found_at_open_; }

  private:
    struct file;
    notice_file(shard& home, worker& disk, std::shared_ptr<file> opened);

    shard& home_;
    worker& disk_;
    std::shared_ptr<file> file_; // shared with the jobs on the worker
    std::uint64_t found_at_open_ = 0;
};

} // namespace rollcall::storage
