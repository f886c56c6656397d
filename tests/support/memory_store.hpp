// A store in memory that survives restarts of the fleet, and a sink of notices that remembers them.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/async/shard.hpp"
#include "rollcall/sync/notice.hpp"
#include "rollcall/sync/store.hpp"

namespace rollcall::test {

class memory_store final : public sync::store {
  public:
    struct stored {
        sync::tenant_record record;
        sync::tenant_progress progress;
        sync::tenant_state_sets sets;
        std::map<std::uint32_t, directory::user_data> users;
        std::map<std::uint32_t, directory::team> teams;
        std::set<directory::team_member> members;
        std::map<std::uint32_t, sync::invitation> invitations;
        std::vector<sync::audit_entry> audit;
        std::optional<sync::stored_snapshot> snapshot;
    };

    explicit memory_store(shard& home) : home_(home) {}

    std::map<sync::tenant_key, stored> tenants;
    std::vector<sync::run_record> records;
    std::vector<sync::notice> outbox;
    std::size_t commits = 0;
    std::uint64_t strangers = 0;
    bool full = false;
    nanoseconds latency = milliseconds{5};

    task<result<void>> load(sync::load_sink& into) override {
        for (const auto& [key, t] : tenants) {
            std::vector<directory::team> teams;
            for (const auto& [id, team] : t.teams) teams.push_back(team);
            into.on_tenant(t.record, t.progress, t.sets, teams,
                           {t.members.begin(), t.members.end()});
            std::vector<directory::user_data> users;
            for (const auto& [uid, user] : t.users) users.push_back(user);
            into.on_users(key, users);
            std::vector<sync::invitation> invitations;
            for (const auto& [uid, each] : t.invitations) invitations.push_back(each);
            into.on_invitations(key, invitations);
        }
        co_return result<void>{};
    }

    task<result<void>> commit(sync::commit_batch batch) override {
        co_await home_.sleep_for(latency);
        if (full) co_return errc::storage_full;
        ++commits;
        last_key_ = std::max(last_key_, batch.tenant);
        if (batch.remove_tenant) {
            tenants.erase(batch.tenant);
            co_return result<void>{};
        }
        auto& t = tenants[batch.tenant];
        if (batch.record) t.record = *batch.record;
        if (batch.progress) t.progress = *batch.progress;
        for (const auto& each : batch.what.users) t.users[each.meta.uid] = each;
        for (const auto& each : batch.what.teams) t.teams[each.id] = each;
        for (const auto& each : batch.what.invitations) t.invitations[each.uid] = each;
        for (const auto& each : batch.what.members_added) t.members.insert(each);
        for (const auto& each : batch.what.members_removed) t.members.erase(each);
        for (const auto id : batch.what.teams_erased) {
            t.teams.erase(id);
            std::erase_if(t.members, [id](const auto& m) { return m.team == id; });
        }
        for (const auto uid : batch.what.users_erased) {
            t.users.erase(uid);
            t.invitations.erase(uid);
            std::erase_if(t.members, [uid](const auto& m) { return m.uid == uid; });
        }
        for (const auto& each : batch.what.invited) t.sets.invited.push_back(each);
        if (batch.issues) t.sets.issues = *batch.issues;
        if (batch.held) t.sets.held = *batch.held;
        if (batch.rejected) t.sets.rejected = *batch.rejected;
        if (batch.decisions) t.sets.decisions = *batch.decisions;
        if (batch.snapshot) t.snapshot = *batch.snapshot;
        if (batch.webhook_tokens) {
            t.sets.webhook_tokens = *batch.webhook_tokens;
            if (t.sets.webhook_tokens.empty()) t.sets.hints.clear();
        }
        for (const auto& each : batch.notices) outbox.push_back(each);
        for (const auto& each : batch.notices) last_notice_ = std::max(last_notice_, each.number);
        if (batch.run) record(t, std::move(*batch.run));
        forget(t, batch);
        co_return result<void>{};
    }

    task<result<void>> save_progress(std::vector<sync::tenant_progress> all) override {
        for (auto& each : all) {
            if (const auto t = tenants.find(each.key); t != tenants.end())
                t->second.progress = each;
        }
        co_return result<void>{};
    }
    task<result<void>> save_hints(sync::hint_batch what) override {
        co_await home_.sleep_for(latency);
        if (full && (!what.add.empty() || what.strangers != 0)) co_return errc::storage_full;
        for (auto& each : what.add) {
            const auto t = tenants.find(each.tenant);
            if (t == tenants.end()) continue;
            auto& hints = t->second.sets.hints;
            std::erase_if(
                hints, [&](const sync::hint& old) { return old.employee_id == each.employee_id; });
            hints.push_back(std::move(each));
        }
        for (const auto& each : what.done) {
            const auto t = tenants.find(each.tenant);
            if (t == tenants.end()) continue;
            std::erase_if(t->second.sets.hints, [&](const sync::hint& old) {
                return old.employee_id == each.employee_id && old.number <= each.number;
            });
        }
        strangers += what.strangers;
        co_return result<void>{};
    }
    task<result<std::vector<sync::run_record>>> runs(sync::tenant_key tenant, std::uint64_t before,
                                                     std::size_t limit) override {
        std::vector<sync::run_record> out;
        for (auto it = records.rbegin(); it != records.rend() && out.size() < limit; ++it) {
            if (it->tenant != tenant || (before != 0 && it->id >= before)) continue;
            out.push_back(*it);
            out.back().steps.clear();
            out.back().issues.clear();
        }
        co_return out;
    }
    task<result<sync::run_record>> run(sync::tenant_key tenant, std::uint64_t id) override {
        for (const auto& each : records) {
            if (each.id == id && each.tenant == tenant) co_return each;
        }
        co_return errc::not_found;
    }
    task<result<std::vector<sync::audit_entry>>> audit(sync::tenant_key tenant,
                                                       sync::audit_query what) override {
        std::vector<sync::audit_entry> out;
        auto all = tenants[tenant].audit;
        if (what.from == 0) std::reverse(all.begin(), all.end());
        for (const auto& each : all) {
            if (out.size() == what.limit) break;
            if (what.run && each.run != *what.run) continue;
            if (what.uid && (subject_of(each.step.kind) != sync::subject_kind::user ||
                             each.step.subject != *what.uid)) {
                continue;
            }
            if (what.from != 0 ? each.number < what.from
                               : what.before != 0 && each.number >= what.before) {
                continue;
            }
            out.push_back(each);
        }
        co_return out;
    }
    task<result<sync::audit_finding>> verify_audit(sync::tenant_key tenant) override {
        sync::audit_finding out;
        out.entries = tenants[tenant].audit.size();
        co_return out;
    }
    task<result<sync::stored_snapshot>> snapshot(sync::tenant_key tenant) override {
        const auto& t = tenants[tenant];
        if (!t.snapshot) co_return errc::not_found;
        co_return *t.snapshot;
    }
    task<result<std::vector<sync::notice>>> notices(std::size_t limit) override {
        std::vector<sync::notice> out(
            outbox.begin(),
            outbox.begin() + static_cast<std::ptrdiff_t>(std::min(limit, outbox.size())));
        co_return out;
    }
    task<result<void>> notices_delivered(std::uint64_t number) override {
        std::erase_if(outbox, [number](const sync::notice& n) { return n.number <= number; });
        co_return result<void>{};
    }
    task<result<std::uint64_t>> last_run_id() override {
        co_return records.empty() ? 0 : records.back().id;
    }
    task<result<sync::tenant_key>> last_tenant_key() override { co_return last_key_; }
    task<result<std::uint64_t>> last_notice() override { co_return last_notice_; }
    task<result<void>> backup(std::string) override { co_return result<void>{}; }
    task<result<std::vector<std::string>>> verify() override {
        co_return std::vector<std::string>{};
    }
    [[nodiscard]] sync::store_health health() const override {
        sync::store_health out;
        out.full = full;
        return out;
    }

  private:
    void record(stored& t, sync::run_record run) {
        for (const auto& each : run.steps) {
            sync::audit_entry entry;
            entry.number = t.audit.size() + 1;
            entry.run = run.id;
            entry.cause = run.cause;
            entry.at = run.finished;
            entry.step = each;
            t.audit.push_back(std::move(entry));
        }
        records.push_back(std::move(run));
    }
    void forget(stored& t, const sync::commit_batch& batch) {
        for (const auto& each : batch.erased_marks) t.sets.erased.push_back(each);
        for (const auto uid : batch.forget) {
            t.invitations.erase(uid);
            std::erase_if(outbox, [&](const sync::notice& n) {
                return n.tenant == batch.tenant && n.uid == uid;
            });
            for (auto& each : t.audit) {
                if (subject_of(each.step.kind) != sync::subject_kind::user ||
                    each.step.subject != uid) {
                    continue;
                }
                each.readable = false;
                each.step.label.clear();
                each.step.changes.clear();
            }
        }
    }

    shard& home_;
    sync::tenant_key last_key_ = 0;
    std::uint64_t last_notice_ = 0;
};

// Knows each number once, however often it is handed over.
class memory_notices final : public sync::notice_sink {
  public:
    std::vector<sync::notice> delivered;
    std::size_t calls = 0;
    bool refuses = false;

    task<result<void>> deliver(std::span<const sync::notice> notices) override {
        ++calls;
        if (refuses) co_return errc::storage_full;
        for (const auto& each : notices) {
            if (each.number > last_) delivered.push_back(each);
            last_ = std::max(last_, each.number);
        }
        co_return result<void>{};
    }

  private:
    std::uint64_t last_ = 0;
};

} // namespace rollcall::test
