// A pass of the planner in slices, so that a large tenant does not hold the shard.
#pragma once
#include <cstddef>

#include "rollcall/directory/tenant_directory.hpp"

namespace rollcall::sync {

class pass {
  public:
    virtual ~pass() = default;
    // About `people` people's worth of work; true once it is done.
    [[nodiscard]] virtual bool advance(std::size_t people) = 0;
};

// A loop that goes on where the slice before left it, for one loop after the other. Looking at
// somebody is a fraction of the work of planning a change.
class sliced_loop {
  public:
    static constexpr std::size_t looks_per_person = 8;

    // each(i) for `people` more of 0 to end - 1; true once all had their turn.
    template <class Each>
    [[nodiscard]] bool over(std::size_t end, std::size_t people, Each&& each) {
        for (; people != 0 && next_ < end; --people) each(next_++);
        if (next_ < end) return false;
        next_ = 0;
        return true;
    }

    // each(user_ref, const user_brief&) for some more of a directory that does not change.
    template <class Each>
    [[nodiscard]] bool over(const directory::tenant_directory& users, std::size_t people,
                            Each&& each) {
        for (; people != 0; --people) {
            walked_ = users.next(walked_);
            if (walked_ == directory::user_ref::none) return true;
            each(walked_, users.brief(walked_));
        }
        return false;
    }

  private:
    std::size_t next_ = 0;
    directory::user_ref walked_ = directory::user_ref::none;
};

} // namespace rollcall::sync
