#include "integration/decoded.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace cosoup::test {
namespace {

std::string descriptionFor(MediaKind kind) {
  const std::string source = "appsrc name=source format=time is-live=true do-timestamp=true ! ";
  const std::string sink = " ! appsink name=sink sync=false max-buffers=50 drop=true";
  if (kind == MediaKind::audio) {
    return source + "opusdec ! audioconvert ! audio/x-raw, format=S16LE, channels=1" + sink;
  }
  return source + "vp8dec ! videoconvert ! video/x-raw, format=RGB" + sink;
}

Picture meanOf(GstSample* sample) {
  Picture picture;
  const GstStructure* caps = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
  gst_structure_get_int(caps, "width", &picture.width);
  gst_structure_get_int(caps, "height", &picture.height);
  GstMapInfo map;
  gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
  const gsize stride = (static_cast<gsize>(picture.width) * 3 + 3) / 4 * 4;
  long sums[3] = {0, 0, 0};
  for (int y = 0; y < picture.height; ++y) {
    const guint8* row = map.data + static_cast<gsize>(y) * stride;
    for (int x = 0; x < picture.width * 3; ++x) sums[x % 3] += row[x];
  }
  gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
  const long pixels = std::max(1L, static_cast<long>(picture.width) * picture.height);
  picture.red = static_cast<int>(sums[0] / pixels);
  picture.green = static_cast<int>(sums[1] / pixels);
  picture.blue = static_cast<int>(sums[2] / pixels);
  return picture;
}

int peakOf(GstBuffer* buffer) {
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_READ);
  const auto* samples = reinterpret_cast<const gint16*>(map.data);
  int peak = 0;
  for (gsize i = 0; i < map.size / 2; ++i) peak = std::max(peak, std::abs(samples[i] + 0));
  gst_buffer_unmap(buffer, &map);
  return peak;
}

}  // namespace

class Decoded::Receiver final : public FrameReceiver {
 public:
  explicit Receiver(Ref<GstElement> source) : source_(std::move(source)) {}

  void onFrame(const Frame& frame) override {
    if (frame.caps != caps_) {
      caps_ = frame.caps;
      gst_app_src_set_caps(GST_APP_SRC(source_.get()), caps_.get());
    }
    GstBuffer* buffer = gst_buffer_copy(frame.buffer.get());
    GST_BUFFER_PTS(buffer) = GST_CLOCK_TIME_NONE;  // they are another pipeline's
    GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
  }

 private:
  const Ref<GstElement> source_;
  Ref<GstCaps> caps_;
};

Decoded::Decoded(std::shared_ptr<Track> track) : track_(std::move(track)) {
  ensureGStreamer();
  GError* error = nullptr;
  const std::string description = descriptionFor(track_->kind());
  pipeline_ = Ref<GstElement>::sink(gst_parse_launch(description.c_str(), &error));
  if (error) throw std::runtime_error(error->message);
  sink_ = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sink"));
  receiver_ = std::make_shared<Receiver>(
      Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "source")));
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  track_->addReceiver(receiver_);
  track_->requestKeyFrame();
}

Decoded::~Decoded() {
  track_->removeReceiver(receiver_);
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Ref<GstSample> Decoded::pull() {
  return Ref<GstSample>::adopt(gst_app_sink_try_pull_sample(GST_APP_SINK(sink_.get()), 0));
}

std::optional<Picture> Decoded::picture() {
  Ref<GstSample> last;
  while (Ref<GstSample> sample = pull()) last = std::move(sample);
  if (!last) return std::nullopt;
  return meanOf(last.get());
}

std::optional<int> Decoded::loudness() {
  std::optional<int> peak;
  while (const Ref<GstSample> sample = pull()) {
    peak = std::max(peak.value_or(0), peakOf(gst_sample_get_buffer(sample.get())));
  }
  return peak;
}

void FrameLog::onFrame(const Frame& frame) {
  Entry entry;
  entry.size = gst_buffer_get_size(frame.buffer.get());
  entry.isKeyFrame = !GST_BUFFER_FLAG_IS_SET(frame.buffer.get(), GST_BUFFER_FLAG_DELTA_UNIT);
  entry.time = frame.time;
  guint8 first = 0;
  if (gst_buffer_extract(frame.buffer.get(), 0, &first, 1) == 1) entry.firstByte = first;
  const std::lock_guard lock(mutex_);
  entries_.push_back(entry);
}

double FrameLog::bitrate(std::size_t frames) const {
  const auto all = entries();
  if (all.size() <= frames) return 0;
  double bytes = 0;
  for (std::size_t i = all.size() - frames; i < all.size(); ++i) {
    bytes += static_cast<double>(all[i].size);
  }
  const GstClockTime length = all.back().time - all[all.size() - 1 - frames].time;
  return 8 * bytes * GST_SECOND / static_cast<double>(length);
}

double FrameLog::framerate(std::size_t frames) const {
  const auto all = entries();
  if (all.size() <= frames) return 0;
  const GstClockTime length = all.back().time - all[all.size() - 1 - frames].time;
  return static_cast<double>(frames) * GST_SECOND / static_cast<double>(length);
}

std::vector<FrameLog::Entry> FrameLog::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

}  // namespace cosoup::test
