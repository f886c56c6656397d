#include "database.hpp"

#include <sqlite3.h>

#include "rollcall/core/check.hpp"
#include "storage/schema_sql.hpp"
#include "tables.hpp"

namespace rollcall::storage {
namespace {

// "RoLc": tells our file from somebody else's.
constexpr std::int64_t application_id = 0x526f4c63;

// Forward only; an entry never changes once released. There is no way from version 1, which was
// never installed anywhere.
struct migration {
    std::int64_t from = 0;
    std::int64_t to = 0;
    const char* sql = nullptr;
};
constexpr std::array<migration, 4> migrations{
    {{0, 2, schema_sql}, {2, 3, schema_3_sql}, {3, 4, schema_4_sql}, {4, 5, schema_5_sql}}};
constexpr auto newest_version = migrations.back().to;

// The group's batches are to blame for these, not the disk.
bool is_fault_of_a_batch(errc code) noexcept {
    return code == errc::already_exists || code == errc::invalid_argument;
}

// What is refused while the disk is full. The rest takes no room, or is what a restart would
// repeat.
bool is_new_work(const write_work& work) noexcept {
    if (const auto* hints = std::get_if<sync::hint_batch>(&work)) {
        return !hints->add.empty() || hints->strangers != 0;
    }
    return std::holds_alternative<sync::commit_batch>(work);
}

bool erases_people(const write_work& work) noexcept {
    const auto* batch = std::get_if<sync::commit_batch>(&work);
    return batch != nullptr && (!batch->forget.empty() || !batch->forget_external_ids.empty());
}

std::size_t rows_of(const sync::commit_batch& batch) noexcept {
    const auto& what = batch.what;
    std::size_t rows = 1 + what.users.size() + what.users_erased.size() + what.teams.size() +
                       what.teams_erased.size() + what.members_added.size() +
                       what.members_removed.size() + what.invitations.size() + what.invited.size() +
                       batch.notices.size() + batch.forget.size() + batch.erased_marks.size();
    if (batch.run) rows += 2 * batch.run->steps.size() + batch.run->issues.size();
    if (batch.issues) rows += batch.issues->size();
    if (batch.rejected) rows += batch.rejected->size();
    if (batch.decisions) rows += batch.decisions->size();
    if (batch.held) {
        for (const auto& section : batch.held->sections) rows += section.steps.size();
    }
    // A row of a snapshot is about a row's worth of bytes.
    if (batch.snapshot) rows += batch.snapshot->rows.size() / 512;
    return rows;
}

} // namespace

std::size_t rows_of(const write_work& work) noexcept {
    if (const auto* batch = std::get_if<sync::commit_batch>(&work)) return rows_of(*batch);
    if (const auto* hints = std::get_if<sync::hint_batch>(&work)) {
        return hints->add.size() + hints->done.size() + 1;
    }
    const auto* all = std::get_if<std::vector<sync::tenant_progress>>(&work);
    return all != nullptr ? all->size() : 1;
}

database::database(const sqlite_options& options, data_dir place)
    : options_(options),
      place_(std::move(place)),
      ballast_(options.data_dir + "/ballast", options.ballast_bytes) {}

database::~database() {
    if (writers_ != nullptr && !health_.failed) checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    scan_.reset();
    writers_.reset();
}

outcome<std::unique_ptr<database>> database::open(const sqlite_options& options) {
    auto place = data_dir::open(options.data_dir);
    if (!place) return place.error();
    std::unique_ptr<database> opened(new database(options, std::move(*place)));
    if (auto failed = opened->prepare()) return std::move(*failed);
    return opened;
}

std::optional<failure> database::prepare() {
    connection_.open(place_.database(), options_.vfs);
    // Exclusive before the first access: the WAL's index then lives in memory, without an -shm
    // file.
    connection_.exec(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF;"
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
    const auto mode = connection_.text_of("PRAGMA journal_mode = WAL");
    connection_.exec(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;");
    connection_.exec(
        ("PRAGMA cache_size = -" + std::to_string(options_.cache_bytes / 1024)).c_str());
    if (!connection_.ok()) return open_failure();
    if (mode != "wal") {
        return failure{errc::storage_failed, place_.database() + ": no write-ahead log here"};
    }
    sqlite3_wal_hook(
        connection_.handle(),
        [](void* pages, sqlite3*, const char*, int count) {
            *static_cast<std::size_t*>(pages) = static_cast<std::size_t>(count);
            return SQLITE_OK;
        },
        &wal_pages_);
    if (auto failed = migrate()) return failed;
    // The journal under which the file was made must stay gone: after a power cut it would undo
    // all.
    if (!sync_folder(options_.data_dir)) {
        return failure{errc::storage_failed, options_.data_dir + ": cannot be synced"};
    }
    writers_ = std::make_unique<writers>(connection_);
    if (!connection_.ok()) return open_failure();
    // Without room for it the store works all the same, and says that it is full at the first
    // refusal.
    (void)ballast_.reserve();
    measure();
    return std::nullopt;
}

std::optional<failure> database::migrate() {
    const auto version = connection_.integer_of("PRAGMA user_version");
    const auto owner = connection_.integer_of("PRAGMA application_id");
    const auto tables = connection_.integer_of("SELECT count(*) FROM sqlite_schema");
    if (!connection_.ok()) return open_failure();
    if (owner != application_id && (version != 0 || tables != 0)) {
        return failure{errc::invalid_argument,
                       place_.database() + " is not a database of Rollcall"};
    }
    if (version > newest_version) {
        return failure{errc::newer_schema,
                       place_.database() + " has schema version " + std::to_string(version) +
                           ", this program knows versions up to " + std::to_string(newest_version) +
                           ": run the newer program, or restore a backup made before the upgrade"};
    }
    auto reached = version;
    for (const auto& step : migrations) {
        if (step.from != reached) continue;
        connection_.exec("BEGIN IMMEDIATE");
        connection_.exec(step.sql);
        connection_.exec(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
        connection_.exec(("PRAGMA user_version = " + std::to_string(step.to)).c_str());
        connection_.exec("COMMIT");
        if (!connection_.ok()) return open_failure();
        reached = step.to;
    }
    if (reached == newest_version) return std::nullopt;
    return failure{errc::invalid_argument,
                   place_.database() + " has schema version " + std::to_string(reached) +
                       ", of a version before the first release, which cannot be brought up to "
                       "date: give the daemon an empty data directory and add the tenants anew"};
}

failure database::open_failure() const {
    const auto& file = place_.database();
    switch (connection_.code()) {
        case errc::locked:
            return {errc::locked, file + " is open in another program, such as the sqlite3 shell"};
        case errc::corrupt:
            return {errc::corrupt, file + " is damaged (" + connection_.text() +
                                       "): restore a backup, or see what is left with .recover"};
        case errc::storage_full: return {errc::storage_full, file + ": the disk is full"};
        default: return {errc::storage_failed, file + ": " + connection_.text()};
    }
}

void database::write(std::span<group_write> group) {
    if (health_.failed) {
        for (auto& one : group) one.code = errc::storage_failed;
        return;
    }
    const bool refuse = health_.full && !ballast_.reserve();
    std::vector<group_write> taken;
    for (auto& one : group) {
        one.code = refuse && is_new_work(*one.work) ? errc::storage_full : errc::ok;
        if (one.code == errc::ok) taken.push_back(one);
    }
    if (taken.empty()) return;

    const auto code = transact(taken);
    bool erased = false;
    const bool each_alone = is_fault_of_a_batch(code) && taken.size() > 1;
    for (auto& one : group) {
        if (one.code != errc::ok) continue;
        one.code = each_alone ? transact({&one, 1}) : code;
        // Room for progress alone is not room for work.
        if (one.code == errc::ok && !refuse) health_.full = false;
        erased |= one.code == errc::ok && erases_people(*one.work);
    }
    // Without it the WAL would keep the old pages, until it is written over some day.
    if (erased && !health_.failed) checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    measure();
}

errc database::transact(std::span<const group_write> group) {
    if (health_.failed) return errc::storage_failed;
    connection_.exec("BEGIN IMMEDIATE");
    for (const auto& one : group) apply(*one.work);
    connection_.exec("COMMIT");
    const auto code = settle();
    if (code == errc::ok) {
        health_.commits += 1;
        health_.batches += group.size();
    }
    return code;
}

void database::apply(const write_work& work) {
    if (const auto* batch = std::get_if<sync::commit_batch>(&work)) return apply(*batch);
    if (const auto* all = std::get_if<std::vector<sync::tenant_progress>>(&work)) {
        for (const auto& one : *all) writers_->put(one);
        return;
    }
    if (const auto* hints = std::get_if<sync::hint_batch>(&work))
        return writers_->hooks.put(*hints);
    writers_->parcels.drop_notices_up_to(std::get<delivered_notices>(work).number);
}

void database::apply(const sync::commit_batch& batch) {
    auto& to = *writers_;
    const auto tenant = batch.tenant;
    if (batch.remove_tenant) return to.tables.remove_tenant(tenant);
    if (batch.record) to.tables.put(*batch.record);
    if (batch.progress) to.put(*batch.progress);
    apply(tenant, batch.what);
    if (batch.run) {
        const auto entries = to.audit.append(*batch.run);
        to.tables.add(*batch.run, entries, options_.runs_kept);
    }
    if (batch.issues) to.tables.replace_issues(tenant, *batch.issues);
    if (batch.held) to.books.replace(tenant, *batch.held);
    if (batch.rejected) to.books.replace(tenant, *batch.rejected);
    if (batch.decisions) to.books.replace(tenant, *batch.decisions);
    if (batch.snapshot) to.parcels.put(tenant, *batch.snapshot);
    if (batch.webhook_tokens) to.hooks.replace(tenant, *batch.webhook_tokens);
    for (const auto& notice : batch.notices) {
        to.parcels.add(notice);
        to.tables.raise_counter("notice", notice.number);
    }
    forget(batch);
}

void database::apply(sync::tenant_key tenant, const sync::outcome_of_steps& what) {
    auto& to = *writers_;
    for (const auto uid : what.users_erased) to.tables.erase_user(tenant, uid);
    for (const auto& user : what.users) {
        if (!connection_.ok()) return;
        to.tables.put(tenant, user);
    }
    for (const auto team : what.teams_erased) to.books.erase_team(tenant, team);
    for (const auto& team : what.teams) to.books.put(tenant, team);
    for (const auto member : what.members_removed) to.books.remove(tenant, member);
    for (const auto member : what.members_added) to.books.add(tenant, member);
    for (const auto& invitation : what.invitations) to.books.put(tenant, invitation);
    for (const auto& mark : what.invited) to.books.add_invited(tenant, mark);
}

// Last, so that it also reaches what the batch itself has just written.
void database::forget(const sync::commit_batch& batch) {
    for (const auto uid : batch.forget) {
        writers_->audit.destroy_key(batch.tenant, uid);
        forget_person(connection_, batch.tenant, uid);
    }
    for (const auto& id : batch.forget_external_ids) {
        forget_external_id(connection_, batch.tenant, id);
    }
    for (const auto& mark : batch.erased_marks) writers_->books.add_erased(batch.tenant, mark);
}

errc database::settle() {
    auto code = connection_.code();
    connection_.clear();
    if (sqlite3_get_autocommit(connection_.handle()) == 0) {
        connection_.exec("ROLLBACK");
        if (!connection_.ok()) code = errc::storage_failed;
        connection_.clear();
    }
    if (code == errc::storage_full) note_full();
    // Damage met while writing is as final as an I/O error: what was acknowledged may be gone.
    if (code == errc::storage_failed || code == errc::corrupt || code == errc::locked) {
        health_.failed = true;
        code = errc::storage_failed;
    }
    return code;
}

void database::note_full() {
    health_.full = true;
    ballast_.release();
    // Into the room that the ballast gave: the WAL can then begin again instead of growing.
    checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

void database::checkpoint_if_due(bool idle) {
    if (health_.failed) return;
    if (health_.wal_bytes >= options_.wal_truncate_bytes) {
        checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
    } else if (idle && health_.wal_bytes >= options_.wal_passive_bytes) {
        checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    } else {
        return;
    }
    measure();
}

void database::checkpoint(int mode) {
    int pages = 0;
    const int result =
        sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, mode, &pages, nullptr);
    connection_.note(result);
    const auto code = connection_.code();
    connection_.clear();
    if (code == errc::ok) {
        wal_pages_ = 0;
    } else if (code == errc::storage_full) {
        // Nothing is lost: the WAL keeps what did not fit.
        health_.full = true;
    } else if (code != errc::locked) {
        health_.failed = true;
    }
}

void database::measure() {
    const auto page_bytes = connection_.integer_of("PRAGMA page_size");
    const auto pages = connection_.integer_of("PRAGMA page_count");
    connection_.clear();
    health_.database_bytes = static_cast<std::uint64_t>(page_bytes * pages);
    // Each page in the WAL has a header of 24 bytes.
    health_.wal_bytes = wal_pages_ * (static_cast<std::uint64_t>(page_bytes) + 24);
}

} // namespace rollcall::storage
