// Breaker: what becomes of packets on a broken or hostile way.
#pragma once

#include <gst/gst.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

namespace cosoup::test {

/// Makes other packets of packets, the same ones for the same seed and input. Thread-safe.
class Breaker {
 public:
  Breaker(unsigned seed, unsigned nth) : random_(seed), nth_(nth) {}

  std::string change(std::string_view packet) {
    const std::lock_guard lock(mutex_);
    std::string changed(packet);
    if (!active_ || draw(nth_) != 0 || changed.empty()) return changed;
    ++broken_;
    switch (draw(4)) {
      case 0:
        changed.resize(std::max<std::size_t>(draw(changed.size()), 1));
        break;
      case 1:
        changed.append(draw(64) + 1, static_cast<char>(draw(256)));
        break;
      case 2:  // what lengths and counts are made of
        changed[draw(std::min<std::size_t>(changed.size(), 24))] =
            static_cast<char>(draw(2) != 0 ? 255 : 0);
        break;
      default:
        for (std::size_t bits = draw(8) + 1; bits > 0; --bits) {
          char& byte = changed[draw(changed.size())];
          byte = static_cast<char>(byte ^ (1 << draw(8)));
        }
    }
    return changed;
  }
  std::uint64_t broken() const {
    const std::lock_guard lock(mutex_);
    return broken_;
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    active_ = false;
  }

  static GstPadProbeReturn onPacket(GstPad*, GstPadProbeInfo* info, gpointer data) {
    const auto& self = *static_cast<std::shared_ptr<Breaker>*>(data);
    GstBuffer* packet = GST_PAD_PROBE_INFO_BUFFER(info);
    std::string bytes(gst_buffer_get_size(packet), '\0');
    gst_buffer_extract(packet, 0, bytes.data(), bytes.size());
    const std::string changed = self->change(bytes);
    if (changed == bytes) return GST_PAD_PROBE_OK;
    GstBuffer* broken = gst_buffer_new_memdup(changed.data(), changed.size());
    gst_buffer_copy_into(broken, packet, GST_BUFFER_COPY_METADATA, 0, 0);
    gst_buffer_unref(packet);
    info->data = broken;
    return GST_PAD_PROBE_OK;
  }

 private:
  std::size_t draw(std::size_t below) { return random_() % std::max<std::size_t>(below, 1); }

  mutable std::mutex mutex_;
  std::mt19937 random_;
  const unsigned nth_;
  std::uint64_t broken_ = 0;
  bool active_ = true;
};

}  // namespace cosoup::test
