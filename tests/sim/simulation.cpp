#include "sim/simulation.hpp"

#include <unistd.h>

#include <algorithm>

#include "rollcall/core/check.hpp"
#include "rollcall/sync/desk.hpp"
#include "virtual-program/truth.hpp"

namespace rollcall::test {

using directory::user_ref;

namespace {

// Storage on a file system in memory: the simulation asks what is durable of the crash_store, and
// an fsync of a real disk would only make it slow.
std::filesystem::path make_folder() {
    const std::filesystem::path shm = "/dev/shm";
    auto base = access(shm.c_str(), W_OK) == 0 ? shm : std::filesystem::temp_directory_path();
    auto text = (base / "rollcall-simulation-XXXXXX").string();
    ROLLCALL_CHECK(mkdtemp(text.data()) != nullptr);
    return text;
}

wall_time midnight_of(std::chrono::sys_days day) {
    return wall_time{day.time_since_epoch()};
}

} // namespace

simulation::simulation(simulation_options options)
    : options_(options),
      world_(options.seed, midnight_of(sim::options{}.today) + hours{9}),
      peoplehr_([&] {
          sim::options o;
          o.seed = options.seed;
          o.tenants = options.tenants;
          o.employees_mean = options.employees_mean;
          o.latency_median = options.latency_median;
          o.limits = {sim::limit_scope::both, options.peoplehr_limit, sim::throttle_style::silent};
          o.gzip_cache_bytes_max = 1u << 20;
          return o;
      }()),
      folder_(make_folder()),
      disk_(world_.home(), microseconds{50}, milliseconds{2}),
      network_(world_.home(), peoplehr_,
               [this](const sim::wire_request& call, const sim::wire_answer&) {
                   world_.trace(call.target);
               }) {
    config_.sync.egress = {{"", options.calls_per_minute}};
    config_.sync.concurrent_runs_max = options.concurrent_runs_max;
    config_.sync.rows_per_slice = 16;
    config_.sync.quiet_after_restart = minutes{1};
}

simulation::~simulation() {
    if (program_) stop();
    world_.run(network_.stop());
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void simulation::violation(std::string what) {
    if (violations_.size() < 20) violations_.push_back(std::move(what));
}

std::string simulation::tenant_name(std::size_t i) const {
    return peoplehr_.tenant_at(i).name;
}

void simulation::start() {
    ROLLCALL_CHECK(!program_);
    storage::sqlite_options options;
    options.data_dir = folder_.string();
    options.ballast_bytes = 0;
    auto opened = storage::sqlite_store::open(world_.home(), disk_, options);
    ROLLCALL_CHECK(opened);
    network_.restore();
    lines_ = std::make_shared<captured_lines>();
    program_ = std::make_unique<sim::program>(world_, network_, std::move(*opened), notices_,
                                              logger::to_capture(lines_, world_.clock()), config_);
    const auto started = world_.run(program_->engine.start());
    if (!started) violation("the daemon does not start: " + started.error().detail);
    ++starts_;
    if (options_.faults && starts_ > 1) make_faults();
}

void simulation::stop() {
    world_.run(program_->engine.stop(seconds{20}));
    // What it logged is part of what it did.
    for (const auto& line : lines_->lines()) world_.trace(line);
    program_.reset();
}

void simulation::add_tenants() {
    for (std::size_t i = 0; i < peoplehr_.tenant_count(); ++i) {
        const auto info = peoplehr_.tenant_at(i);
        sync::new_tenant fresh;
        fresh.name = info.name;
        fresh.settings =
            sync::defaults_of(i % 2 == 0 ? sync::profile::learnamp : sync::profile::wethrive);
        fresh.settings.email_fallback = i % 2 == 1 || world_.random().chance(0.5);
        if (fresh.settings.profile == sync::profile::learnamp) {
            fresh.settings.known_as = world_.random().chance(0.3);
            fresh.settings.invite = static_cast<sync::invite>(world_.random().below(3));
            fresh.settings.remove_stale_teams = world_.random().chance(0.5);
        }
        // Some read in pages, of which a small limit allows only a few a minute.
        fresh.settings.paged_reading = i % 3 == 1;
        fresh.settings.page_rows = 7;
        fresh.settings.base_url = "http://127.0.0.1:1";
        fresh.api_key = secret(info.api_key);
        fresh.verify = false;
        const auto added = world_.run(fleet().add_tenant(std::move(fresh)));
        if (!added) violation("tenant " + info.name + " can not be added: " + added.error().detail);
    }
}

simulation::remains simulation::what_is_there() const {
    remains out;
    auto& f = program_->engine.fleet();
    std::map<sync::tenant_key, std::string> names;
    for (const auto& name : f.tenant_names()) {
        out.memory[name] = copy_of(name);
        names[f.tenant(name)->key] = name;
    }
    for (const auto& [key, users] : program_->storage.under_way()) {
        if (names.contains(key)) out.under_way[names[key]] = users;
    }
    return out;
}

directory_copy simulation::copy_of(const std::string& tenant) const {
    directory_copy out;
    const auto* users = program_->engine.fleet().users(tenant);
    users->for_each([&](user_ref each) {
        auto user = directory::own(users->values(each), users->meta(each));
        out.emplace(user.meta.uid, std::move(user));
    });
    return out;
}

void simulation::crash() {
    ++tally_["crash"];
    const auto before = what_is_there();
    program_->storage.kill();
    network_.cut();
    world_.run(program_->engine.stop(nanoseconds{0}));
    for (const auto& line : lines_->lines()) world_.trace(line);
    program_.reset();
    start();
    compare_after_restart(before);
}

void simulation::compare_after_restart(const remains& before) {
    for (const auto& [tenant, memory] : before.memory) {
        if (!fleet().tenant(tenant)) {
            violation(tenant + " is lost by the restart");
            continue;
        }
        const auto now = copy_of(tenant);
        if (now == memory) continue;
        auto whole = memory;
        if (const auto batch = before.under_way.find(tenant); batch != before.under_way.end()) {
            for (const auto& user : batch->second) whole[user.meta.uid] = user;
        }
        // G-11: before or after a whole run, never between.
        if (now != whole) violation(tenant + " is neither before nor after a whole run");
    }
}

void simulation::restart_if_broken() {
    if (!program_->storage.broken()) return;
    ++tally_["broken_disk"];
    const auto before = what_is_there();
    program_->storage.kill();
    world_.run(program_->engine.stop(nanoseconds{0}));
    for (const auto& line : lines_->lines()) world_.trace(line);
    program_.reset();
    start();
    compare_after_restart(before);
}

void simulation::run_for(nanoseconds duration) {
    const auto end = world_.clock().mono_now() + duration;
    while (world_.clock().mono_now() < end) {
        // PeopleHR's calendar goes on by itself.
        const auto day = std::chrono::floor<std::chrono::days>(
            std::chrono::time_point_cast<seconds>(world_.clock().wall_now()));
        if (day > peoplehr_.today()) (void)peoplehr_.set_today(day);
        world_.run_until(std::min(end, world_.clock().mono_now() + minutes{1}));
        restart_if_broken();
    }
}

void simulation::make_faults() {
    auto& random = world_.random();
    using kind = sim::fault_kind;
    static constexpr kind kinds[] = {kind::throttle_status_5,
                                     kind::throttle_silent,
                                     kind::throttle_http_429,
                                     kind::html,
                                     kind::empty_body,
                                     kind::null_result,
                                     kind::empty_list,
                                     kind::wrong_result,
                                     kind::pseudo_row,
                                     kind::not_json,
                                     kind::byte_order_mark,
                                     kind::truncated,
                                     kind::invalid_utf8,
                                     kind::duplicate_id,
                                     kind::duplicate_key,
                                     kind::wrong_type,
                                     kind::missing_key,
                                     kind::unknown_keys,
                                     kind::deep_nesting,
                                     kind::shrunk,
                                     kind::stale,
                                     kind::pages_move,
                                     kind::total_moves,
                                     kind::short_page,
                                     kind::repeated_page,
                                     kind::slow,
                                     kind::stall,
                                     kind::drip,
                                     kind::reset,
                                     kind::cut,
                                     kind::status};
    peoplehr_.clear_faults();
    const auto count = random.between(1, 4);
    for (std::int64_t i = 0; i < count; ++i) {
        sim::fault what;
        what.kind = kinds[random.below(std::size(kinds))];
        what.probability = random.chance(0.3) ? 1.0 : 0.4;
        what.calls = static_cast<std::uint32_t>(random.between(1, 8));
        what.row = random.between(0, 5);
        if (random.chance(0.5)) what.tenant = tenant_name(random.below(peoplehr_.tenant_count()));
        if (what.kind == kind::status) what.amount = 6;
        if (what.kind == kind::slow) what.delay = milliseconds{random.between(1'000, 120'000)};
        ++tally_[std::string(name_of(what.kind))];
        (void)peoplehr_.add_fault(what);
    }
    network_.set_faults({random.chance(0.3) ? 0.3 : 0, random.chance(0.3) ? 0.5 : 0});
    store_faults disk;
    if (random.chance(0.2)) disk.full = 0.3;
    if (random.chance(0.1)) disk.fail_before = 0.1;
    if (random.chance(0.1)) disk.fail_after = 0.1;
    program_->storage.set_faults(disk);
}

void simulation::calm() {
    options_.faults = false;
    peoplehr_.clear_faults();
    network_.set_faults({});
    program_->storage.set_faults({});
}

void simulation::churn() {
    auto& random = world_.random();
    const auto tenant = tenant_name(random.below(peoplehr_.tenant_count()));
    (void)peoplehr_.churn(tenant, 1 + random.below(4), random.next());
    ++tally_["churn"];
}

// Holds are approved or rejected, and people edited, while syncs run and disks fail.
void simulation::somebody_at_the_desk() {
    auto& random = world_.random();
    const auto tenant = tenant_name(random.below(peoplehr_.tenant_count()));
    if (!fleet().tenant(tenant)) return;
    sync::desk at(fleet());
    const auto held = at.held(tenant);
    if (held && !held->empty()) {
        ++tally_["held"];
        if (random.chance(0.7)) {
            (void)world_.run(at.approve(tenant, held->digest, {}));
        } else {
            (void)world_.run(at.reject(tenant, held->digest, {}));
        }
    } else if (const auto shown = world_.run(at.plan_go_live(tenant));
               shown && random.chance(0.5)) {
        ++tally_["go_live"];
        (void)world_.run(at.go_live(tenant, shown->digest));
    }
}

void simulation::approve_everything() {
    sync::desk at(fleet());
    for (const auto& [tenant, held] : at.all_held()) {
        const auto done = world_.run(at.approve(tenant, held.digest, {}));
        if (!done) violation(tenant + ": a hold can not be approved: " + done.error().detail);
    }
}

// LA-26: at most one automatic invitation for each person, whatever happened.
void simulation::check_invitations() {
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> sent;
    for (const auto& each : notices_.delivered) {
        if (each.kind != sync::notice_kind::invitation) continue;
        if (++sent[{each.tenant, each.uid}] == 2) {
            violation(each.tenant_name + "/" + each.external_id + " was invited twice");
        }
    }
    tally_["invitations"] = notices_.delivered.size();
}

void simulation::one_random_event() {
    auto& random = world_.random();
    const auto pick = random.below(100);
    if (pick < 45) {
        churn();
    } else if (pick < 65) {
        ++tally_["button"];
        (void)fleet().request_sync(tenant_name(random.below(peoplehr_.tenant_count())));
    } else if (pick < 68) {
        somebody_at_the_desk();
    } else if (pick < 70) {
        ++tally_["one_employee"];
        (void)fleet().request_sync(tenant_name(random.below(peoplehr_.tenant_count())), "PW3");
    } else if (pick < 82 && options_.faults) {
        make_faults();
    } else if (pick < 88 && options_.faults) {
        crash();
    } else if (pick < 91 && options_.faults) {
        ++tally_["restart"];
        const auto before = what_is_there();
        stop();
        start();
        compare_after_restart(before);
    } else if (pick < 94 && options_.faults) {
        // T-3: a clock that jumps changes dates, never how often anybody is called.
        ++tally_["clock_jump"];
        world_.clock().step_wall(minutes{random.between(-90, 90)});
    } else {
        world_.run_for(milliseconds{random.between(1, 60'000)});
    }
    restart_if_broken();
}

void simulation::check_now() {
    const auto counters = peoplehr_.counters();
    if (counters.busiest_minute_of_an_address > options_.peoplehr_limit) {
        violation("an address made " + std::to_string(counters.busiest_minute_of_an_address) +
                  " calls in a sliding minute; the limit is " +
                  std::to_string(options_.peoplehr_limit));
    }
    for (const auto& name : fleet().tenant_names()) {
        if (const auto wrong = fleet().users(name)->verify()) violation(name + ": " + *wrong);
    }
    check_invitations();
}

void simulation::check_converged() {
    for (const auto& name : fleet().tenant_names()) compare_with_truth(name);
}

void simulation::compare_with_truth(const std::string& tenant) {
    sim::compare_with_truth(tenant, *fleet().users(tenant), fleet().tenant(tenant)->settings,
                            *peoplehr_.truth(tenant), sim::london_date(world_.clock().wall_now()),
                            [this](std::string what) { violation(std::move(what)); });
}

} // namespace rollcall::test
