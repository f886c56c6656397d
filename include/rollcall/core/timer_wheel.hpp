// A hierarchical timer wheel. All waiting of the program is an entry of one: 20 bytes for each
// timer, and a few nanoseconds to schedule, cancel or fire one, however many there are.
//
// Time is cut into ticks. Five levels of 256 slots hold the ticks of the current 2^40 (35 years of
// milliseconds); a timer stands on the level of the highest digit in which its tick differs from
// the cursor, the first tick that has not fired. When the cursor enters a slot of a higher level,
// the slot's timers move down. So all timers of one tick are always in one slot, in the order in
// which they were scheduled, and a bitmap of the occupied slots lets the cursor jump over empty
// time. Later ticks wait in an ordered map.
//
// A cancelled timer only becomes dead; its entry goes when the cursor meets it, or when the wheel
// is full and most of it is dead: then it is compacted before it would grow.
//
// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "rollcall/core/time.hpp"

namespace rollcall {

// Names one scheduled timer. The default names none. An id may be kept after its timer fired: its
// place is given to another timer under another generation, which repeats after 2^31 uses.
struct timer_id {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;

    [[nodiscard]] explicit operator bool() const noexcept { return generation != 0; }
    friend bool operator==(const timer_id&, const timer_id&) = default;
};

// Not thread-safe: a wheel belongs to one shard.
class timer_wheel {
  public:
    // `start` is the instant of tick 0; `tick` is how coarse the wheel is and must be positive.
    explicit timer_wheel(mono_time start, nanoseconds tick);

    // The timer fires in the first advance() that reaches the deadline rounded up to a whole tick:
    // never early, and at most one tick late. A deadline that the wheel has already passed fires at
    // the next advance. `payload` is the caller's and means nothing to the wheel.
    timer_id schedule(mono_time deadline, std::uint64_t payload);

    // False if the timer has fired or was cancelled before.
    bool cancel(timer_id id) noexcept;

    // The instant at which advance() next has something to fire; nothing if the wheel is empty. It
    // is exact, and in the past only while an overdue timer waits. O(1), except that it looks once
    // through the first slot after that slot's earliest timer was cancelled.
    [[nodiscard]] std::optional<mono_time> next_deadline() const;

    // Calls fire(payload) for every timer whose tick is reached at `now`, in the order of ticks
    // and, within one, of scheduling. Returns how many fired.
    //
    // `fire` may schedule and cancel. What it schedules up to `now` fires in this call too, except
    // what is due at or before the tick that is firing: that waits for the next advance, so a timer
    // that renews itself with no delay cannot hold the caller here. `fire` must not call advance()
    // and must not throw.
    template <class F>
    std::size_t advance(mono_time now, F&& fire) {
        std::size_t fired = 0;
        begin_advance(now);
        for (std::uint64_t payload = 0; take_due(payload); ++fired) fire(payload);
        end_advance();
        return fired;
    }

    // Timers that have neither fired nor been cancelled.
    [[nodiscard]] std::size_t size() const noexcept { return live_; }
    [[nodiscard]] bool empty() const noexcept { return live_ == 0; }
    // All that the wheel holds, itself included: 20 bytes for each timer of the largest number at
    // one time, dead ones included, which is reused and not given back.
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

  private:
    static constexpr unsigned digit_bits = 8;
    static constexpr unsigned levels = 5;
    static constexpr unsigned horizon_bits = digit_bits * levels;
    static constexpr std::uint32_t slots_per_level = 1u << digit_bits;
    static constexpr std::uint32_t nil = 0xffff'ffff;

    // What is known of a timer by its index. Three words instead of a padded struct: 12 bytes
    // instead of 16. A live timer has an odd generation.
    struct node {
        std::array<std::uint32_t, 2> payload;
        std::uint32_t generation;
    };
    // A timer's place in a slot. The tick's upper half follows from the slot.
    struct entry {
        std::uint32_t index;
        std::uint32_t tick_low;
    };
    // Slots are chains of blocks, which waste less than vectors that double.
    static constexpr std::uint32_t entries_per_block = 31;
    struct block {
        std::uint32_t next;
        std::uint32_t count; // entries_per_block in every block but a chain's last
        std::array<entry, entries_per_block> entries;
    };
    struct slot {
        std::uint32_t head = nil;
        std::uint32_t tail = nil;
        // The earliest timer of the slot, or nil if no live one is known. Stale once that timer was
        // cancelled: earliest_of() renews it.
        std::uint32_t earliest_index = nil;
        std::uint32_t earliest_tick_low = 0;
    };
    struct level {
        std::array<std::uint64_t, slots_per_level / 64> occupied{};
        std::array<slot, slots_per_level> slots{};
    };
    struct position {
        unsigned level;
        std::uint32_t slot;
    };

    // Objects by index that never move and grow without copying.
    template <class T, std::size_t PerSegment>
    class pool {
      public:
        T& operator[](std::uint32_t i) noexcept {
            return segments_[i / PerSegment][i % PerSegment];
        }
        const T& operator[](std::uint32_t i) const noexcept {
            return segments_[i / PerSegment][i % PerSegment];
        }
        std::uint32_t add() {
            if (size_ == segments_.size() * PerSegment) {
                segments_.push_back(std::make_unique_for_overwrite<T[]>(PerSegment));
            }
            return static_cast<std::uint32_t>(size_++);
        }
        std::size_t size() const noexcept { return size_; }
        std::size_t memory_bytes() const noexcept {
            return segments_.size() * PerSegment * sizeof(T) +
                   segments_.capacity() * sizeof(segments_[0]);
        }

      private:
        std::vector<std::unique_ptr<T[]>> segments_;
        std::size_t size_ = 0;
    };

    [[nodiscard]] std::uint64_t tick_at_or_after(mono_time t) const noexcept;
    [[nodiscard]] mono_time time_of(std::uint64_t tick) const noexcept;
    [[nodiscard]] std::uint64_t first_tick_of(position p) const noexcept;
    [[nodiscard]] std::optional<position> first_occupied(position from) const noexcept;
    [[nodiscard]] bool is_live(std::uint32_t index) const noexcept {
        return (nodes_[index].generation & 1) != 0;
    }

    // Nodes lie anywhere in memory: worth fetching before they are needed.
    void prefetch(std::uint32_t index) const noexcept { __builtin_prefetch(&nodes_[index], 1); }
    std::uint32_t take_node(std::uint64_t payload);
    void free_node(std::uint32_t index);
    std::uint32_t take_block();
    void free_block(std::uint32_t index) noexcept;
    void append(slot& s, entry e);
    [[nodiscard]] bool earliest_of(slot& s) const noexcept;
    void place(std::uint64_t tick, std::uint32_t index);
    [[nodiscard]] slot detach(position p) noexcept;
    void move_cursor(std::uint64_t tick);
    void cascade(slot chain);

    void begin_advance(mono_time now);
    [[nodiscard]] bool take_due(std::uint64_t& payload);
    [[nodiscard]] bool turn();
    void end_advance();
    void compact();
    void compact(slot& s);

    mono_time start_;
    std::uint64_t tick_ns_;
    std::uint64_t cursor_ = 0; // the first tick that has not fired
    std::size_t live_ = 0;
    std::size_t dead_ = 0; // cancelled, their entries still in a slot

    std::unique_ptr<std::array<level, levels>> levels_;
    std::multimap<std::uint64_t, std::uint32_t> far_; // tick -> node, beyond the horizon
    mutable slot overdue_;
    pool<node, 4096> nodes_;
    pool<block, 256> blocks_;
    std::uint32_t free_nodes_ = nil; // the top block of the stack of free nodes
    std::uint32_t free_blocks_ = nil;

    // The advance in progress.
    bool advancing_ = false;
    std::uint64_t target_end_ = 0; // one past the last tick to fire
    slot firing_;
    std::uint32_t firing_at_ = 0;    // the next entry of firing_'s first block
    std::size_t dead_in_firing_ = 0; // at most so many; counted by a compaction meanwhile
};

} // namespace rollcall
