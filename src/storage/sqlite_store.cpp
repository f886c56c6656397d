#include "rollcall/storage/sqlite_store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <mutex>

#include "audit_log.hpp"
#include "database.hpp"

namespace rollcall::storage {
namespace {

// Suspends until the completion that `start` is given was called, from any thread. Not cancellable.
// The completion is called once, and resumes the coroutine in a later turn of the shard.
template <class Start>
task<> wait_for(shard& home, Start start) {
    co_await asio::async_initiate<const asio::use_awaitable_t<executor>&, void()>(
        [&home, &start](auto handler) {
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            const auto ex = home.get_executor();
            // Keeps the shard's loop alive while the worker is at it.
            auto guard = std::make_shared<asio::executor_work_guard<executor>>(ex);
            start([ex, resume, guard] {
                asio::post(ex, [resume, guard] { std::move (*resume)(); });
            });
        },
        use_task);
}

bool only_removes(const sync::commit_batch& batch) noexcept {
    const auto& what = batch.what;
    const bool steps = !what.users.empty() || !what.users_erased.empty() || !what.teams.empty() ||
                       !what.teams_erased.empty() || !what.members_added.empty() ||
                       !what.members_removed.empty() || !what.invitations.empty() ||
                       !what.invited.empty();
    const bool sets =
        batch.issues || batch.held || batch.rejected || batch.decisions || batch.webhook_tokens;
    const bool people =
        !batch.forget.empty() || !batch.forget_external_ids.empty() || !batch.erased_marks.empty();
    return !batch.record && !batch.progress && !batch.run && !batch.snapshot &&
           batch.notices.empty() && !steps && !sets && !people;
}

// What no commit may ask for; see sqlite_store::commit.
bool contradicts_itself(const sync::commit_batch& batch) noexcept {
    const bool wrong_key = (batch.record && batch.record->key != batch.tenant) ||
                           (batch.progress && batch.progress->key != batch.tenant) ||
                           (batch.run && batch.run->tenant != batch.tenant);
    const bool never_stored =
        batch.run && (batch.run->id == 0 || batch.run->result == sync::run_outcome::previewed);
    const bool wrong_notice = std::ranges::any_of(batch.notices, [&](const sync::notice& one) {
        return one.tenant != batch.tenant || one.number == 0;
    });
    return batch.tenant == 0 || wrong_key || never_stored || wrong_notice ||
           (batch.remove_tenant && !only_removes(batch));
}

// Gives the tenants to the sink, each with its users and then its invitations, as pieces arrive.
class delivery {
  public:
    delivery(tenant_block& tenants, sync::load_sink& sink)
        : tenants_(tenants.tenants), sink_(sink) {
        report(tenants.corrupt);
    }
    void deliver(const person_block& block) {
        constexpr auto all = std::numeric_limits<sync::tenant_key>::max();
        report(block.corrupt);
        slices invitations(block.invitation_slices);
        for (const auto& slice : block.user_slices) {
            invitations = deliver_invitations(block, invitations, slice.tenant);
            if (!announce(slice.tenant)) continue;
            sink_.on_users(slice.tenant,
                           std::span(block.users).subspan(slice.begin, slice.end - slice.begin));
        }
        (void)deliver_invitations(block, invitations, all);
        if (block.last) (void)announce(all);
    }

  private:
    void report(const std::vector<corrupt_row>& rows) {
        for (const auto& row : rows) sink_.on_corrupt_row(row.tenant, row.table, row.row);
    }
    // Those of the tenants before `before`; gives the rest.
    using slices = std::span<const person_block::slice>;
    [[nodiscard]] slices deliver_invitations(const person_block& block, slices of,
                                             sync::tenant_key before) {
        for (; !of.empty() && of.front().tenant < before; of = of.subspan(1)) {
            const auto& slice = of.front();
            if (!announce(slice.tenant)) continue;
            sink_.on_invitations(
                slice.tenant,
                std::span(block.invitations).subspan(slice.begin, slice.end - slice.begin));
        }
        return of;
    }
    // Announces the tenants up to this one; false if there is none of that key.
    [[nodiscard]] bool announce(sync::tenant_key key) {
        while (next_ < tenants_.size() && tenants_[next_].record.key <= key) {
            auto& one = tenants_[next_++];
            const auto announced = one.record.key;
            sink_.on_tenant(std::move(one.record), std::move(one.progress), std::move(one.sets),
                            std::move(one.teams), std::move(one.members));
            one.record.key = announced;
        }
        return next_ != 0 && tenants_[next_ - 1].record.key == key;
    }

    std::vector<stored_tenant>& tenants_;
    sync::load_sink& sink_;
    std::size_t next_ = 0; // the first tenant that was not announced
};

} // namespace

// The queue of writes and the database behind it. The mutex guards the queue and the copy of the
// health; the database belongs to the worker.
struct sqlite_store::engine : std::enable_shared_from_this<engine> {
    struct waiting_write {
        write_work work;
        std::size_t rows = 0;
        errc code = errc::ok;
        std::function<void()> done;
    };
    using write_ptr = std::shared_ptr<waiting_write>;

    engine(std::unique_ptr<database> opened, worker& on, const sqlite_options& with)
        : options(with), disk(on), data(std::move(opened)), health(data->health()) {}

    // False if the worker takes no more jobs; the write is then not queued.
    [[nodiscard]] bool push(const write_ptr& write);
    void drain();
    [[nodiscard]] std::vector<write_ptr> take_group();
    void publish_health() {
        const std::lock_guard lock(mutex);
        health = data->health();
    }

    const sqlite_options options;
    worker& disk;
    const std::unique_ptr<database> data;
    std::mutex mutex;
    std::deque<write_ptr> queue; // guarded by mutex
    bool draining = false;       // guarded by mutex: a job will look at the queue again
    sync::store_health health;   // guarded by mutex
};

bool sqlite_store::engine::push(const write_ptr& write) {
    {
        const std::lock_guard lock(mutex);
        queue.push_back(write);
        if (draining) return true;
        draining = true;
    }
    if (disk.submit([self = shared_from_this()] { self->drain(); })) return true;
    const std::lock_guard lock(mutex);
    draining = false;
    queue.pop_back();
    return false;
}

// One transaction for what waits by now: while it runs, the next group gathers. Then the job goes
// to the end of the worker's queue, so that a read never waits for more than one transaction.
void sqlite_store::engine::drain() {
    for (;;) {
        const auto writes = take_group();
        std::vector<group_write> group;
        for (const auto& write : writes) group.push_back({&write->work, errc::ok});
        data->write(group);
        publish_health();
        for (std::size_t i = 0; i < writes.size(); ++i) {
            writes[i]->code = group[i].code;
            // Moved out first: the waiter may be gone before the call returns.
            const auto done = std::move(writes[i]->done);
            done();
        }

        bool idle = false;
        {
            const std::lock_guard lock(mutex);
            idle = queue.empty();
        }
        data->checkpoint_if_due(idle);
        publish_health();
        {
            const std::lock_guard lock(mutex);
            if (queue.empty()) {
                draining = false;
                return;
            }
        }
        if (disk.submit([self = shared_from_this()] { self->drain(); })) return;
        // The worker takes no more jobs because it ends or is full; the writers still wait.
    }
}

std::vector<sqlite_store::engine::write_ptr> sqlite_store::engine::take_group() {
    const std::lock_guard lock(mutex);
    std::vector<write_ptr> group;
    std::size_t rows = 0;
    while (!queue.empty()) {
        rows += queue.front()->rows;
        if (!group.empty() && rows > options.group_rows_max) break;
        group.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    return group;
}

// Runs `function(engine&)` on the worker: an errc, or a result<T>. errc::busy if it takes no job.
template <class Function>
auto sqlite_store::on_worker(Function function) -> task<std::invoke_result_t<Function, engine&>> {
    // Behind a pointer, because result<T> of an errc or of a result is ambiguous.
    using value = std::invoke_result_t<Function, engine&>;
    auto out = co_await run_on(disk_, home_, [shared = engine_, run = std::move(function)] {
        auto got = std::make_unique<value>(run(*shared));
        shared->publish_health();
        return got;
    });
    if (!out) co_return errc::busy;
    co_return std::move(**out);
}

sqlite_store::sqlite_store(shard& home, worker& disk, std::shared_ptr<engine> shared)
    : home_(home), disk_(disk), engine_(std::move(shared)) {}

sqlite_store::~sqlite_store() = default;

outcome<std::unique_ptr<sqlite_store>> sqlite_store::open(shard& home, worker& disk,
                                                          sqlite_options options) {
    auto opened = database::open(options);
    if (!opened) return opened.error();
    auto shared = std::make_shared<engine>(std::move(*opened), disk, options);
    return std::unique_ptr<sqlite_store>(new sqlite_store(home, disk, std::move(shared)));
}

std::string_view sqlite_store::library_version() noexcept {
    return sqlite3_libversion();
}

// What a load shares with its jobs, so that it outlives whichever ends first.
struct sqlite_store::load_state {
    struct piece {
        person_block block;
        errc code = errc::ok;
        // Both on the shard only.
        bool ready = false;
        std::function<void()> resume; // set while a coroutine waits for the piece
    };
    tenant_block tenants;
    person_position position;    // of the worker
    std::array<piece, 2> pieces; // the worker fills one while the shard empties the other
};

// Starts to read the next rows into a piece that nobody uses. False: the worker takes no job.
bool sqlite_store::begin_piece(const std::shared_ptr<load_state>& state, std::size_t which) {
    state->pieces[which].ready = false;
    const auto ex = home_.get_executor();
    auto guard = std::make_shared<asio::executor_work_guard<executor>>(ex);
    return disk_.submit([shared = engine_, state, which, ex, guard] {
        auto& piece = state->pieces[which];
        piece.code =
            shared->data->read_people(piece.block, state->position, shared->options.load_users_max);
        shared->publish_health();
        asio::post(ex, [state, which, guard] {
            auto& done = state->pieces[which];
            done.ready = true;
            if (done.resume) std::exchange(done.resume, nullptr)();
        });
    });
}

task<result<void>> sqlite_store::load(sync::load_sink& into) {
    const auto state = std::make_shared<load_state>();
    const auto code =
        co_await on_worker([state](engine& at) { return at.data->read_tenants(state->tenants); });
    if (code != errc::ok) co_return code;
    delivery out(state->tenants, into);

    bool begun = begin_piece(state, 0);
    for (std::size_t at = 0; begun; at ^= 1) {
        auto& piece = state->pieces[at];
        if (!piece.ready) {
            co_await wait_for(home_, [&piece](auto done) { piece.resume = std::move(done); });
        }
        if (piece.code != errc::ok) co_return piece.code;
        if (!piece.block.last) begun = begin_piece(state, at ^ 1);
        out.deliver(piece.block);
        if (piece.block.last) co_return result<void>{};
    }
    co_return errc::busy;
}

template <class Work>
task<errc> sqlite_store::write(Work work) {
    auto item = std::make_shared<engine::waiting_write>();
    item->work = std::move(work);
    item->rows = rows_of(item->work);
    co_await wait_for(home_, [this, &item](auto done) {
        item->done = done;
        if (engine_->push(item)) return;
        item->code = errc::busy;
        done();
    });
    co_return item->code;
}

task<result<void>> sqlite_store::commit(sync::commit_batch batch) {
    if (contradicts_itself(batch)) co_return errc::invalid_argument;
    const auto code = co_await write(std::move(batch));
    if (code != errc::ok) co_return code;
    co_return result<void>{};
}

task<result<void>> sqlite_store::save_progress(std::vector<sync::tenant_progress> all) {
    const auto code = co_await write(std::move(all));
    if (code != errc::ok) co_return code;
    co_return result<void>{};
}

task<result<void>> sqlite_store::save_hints(sync::hint_batch what) {
    const auto code = co_await write(std::move(what));
    if (code != errc::ok) co_return code;
    co_return result<void>{};
}

task<result<std::vector<sync::run_record>>> sqlite_store::runs(sync::tenant_key tenant,
                                                               std::uint64_t before,
                                                               std::size_t limit) {
    co_return co_await on_worker(
        [tenant, before, limit](engine& at) { return at.data->runs(tenant, before, limit); });
}

task<result<sync::run_record>> sqlite_store::run(sync::tenant_key tenant, std::uint64_t id) {
    co_return co_await on_worker([tenant, id](engine& at) { return at.data->run(tenant, id); });
}

task<result<std::vector<sync::audit_entry>>> sqlite_store::audit(sync::tenant_key tenant,
                                                                 sync::audit_query what) {
    co_return co_await on_worker(
        [tenant, what](engine& at) { return at.data->audit(tenant, what); });
}

task<result<sync::audit_finding>> sqlite_store::verify_audit(sync::tenant_key tenant) {
    auto walk = std::make_shared<audit_walk>();
    walk->tenant = tenant;
    while (!walk->ended) {
        const auto code = co_await on_worker(
            [walk](engine& at) { return at.data->walk(*walk, at.options.audit_entries_max); });
        if (code != errc::ok) co_return code;
    }
    co_return std::move(walk->found);
}

task<result<sync::stored_snapshot>> sqlite_store::snapshot(sync::tenant_key tenant) {
    co_return co_await on_worker([tenant](engine& at) { return at.data->snapshot(tenant); });
}

task<result<std::vector<sync::notice>>> sqlite_store::notices(std::size_t limit) {
    co_return co_await on_worker([limit](engine& at) { return at.data->notices(limit); });
}

task<result<void>> sqlite_store::notices_delivered(std::uint64_t number) {
    const auto code = co_await write(delivered_notices{number});
    if (code != errc::ok) co_return code;
    co_return result<void>{};
}

task<result<std::uint64_t>> sqlite_store::last_run_id() {
    const auto last = co_await on_worker([](engine& at) { return at.data->counter("run"); });
    if (!last) co_return last.error();
    co_return static_cast<std::uint64_t>(*last);
}

task<result<std::uint64_t>> sqlite_store::last_notice() {
    const auto last = co_await on_worker([](engine& at) { return at.data->counter("notice"); });
    if (!last) co_return last.error();
    co_return static_cast<std::uint64_t>(*last);
}

task<result<sync::tenant_key>> sqlite_store::last_tenant_key() {
    const auto last = co_await on_worker([](engine& at) { return at.data->counter("tenant"); });
    if (!last) co_return last.error();
    co_return static_cast<sync::tenant_key>(*last);
}

task<result<void>> sqlite_store::backup(std::string path) {
    const auto code = co_await on_worker([path](engine& at) { return at.data->backup(path); });
    if (code != errc::ok) co_return code;
    co_return result<void>{};
}

task<result<std::vector<std::string>>> sqlite_store::verify() {
    co_return co_await on_worker([](engine& at) { return at.data->verify(); });
}

sync::store_health sqlite_store::health() const {
    const std::lock_guard lock(engine_->mutex);
    return engine_->health;
}

} // namespace rollcall::storage
