#include "cosoup/webrtc/association_id.hpp"

#include <mutex>
#include <unordered_set>

#include "cosoup/core/error.hpp"

namespace cosoup {
namespace {

constexpr guint kIds = 65536;  // what the elements take

class Ids {
 public:
  static Ids& get() {
    static auto* const ids = new Ids;  // to the last, for objects of static storage duration
    return *ids;
  }
  guint take() {
    const std::lock_guard lock(mutex_);
    if (taken_.size() == kIds) {
      throw Error(Error::Code::Media, "data slot: there are too many SCTP associations");
    }
    // In a circle: one that was given back rests as long as possible, since its elements may not
    // have been stopped yet.
    do {
      last_ = (last_ + 1) % kIds;
    } while (!taken_.insert(last_).second);
    return last_;
  }
  void giveBack(guint id) {
    const std::lock_guard lock(mutex_);
    taken_.erase(id);
  }

 private:
  std::mutex mutex_;
  std::unordered_set<guint> taken_;
  guint last_ = 0;
};

}  // namespace

AssociationId::AssociationId() : value_(Ids::get().take()) {}

AssociationId::~AssociationId() { Ids::get().giveBack(value_); }

}  // namespace cosoup
