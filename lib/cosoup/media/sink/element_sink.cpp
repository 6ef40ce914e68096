#include "cosoup/media/sink/element_sink.hpp"

#include "cosoup/async/emit_signal.hpp"
#include "cosoup/media/launch_line.hpp"
#include "cosoup/media/sink/track_pipelines.hpp"

namespace cosoup {
namespace {

class ElementSink : public Sink, public std::enable_shared_from_this<ElementSink> {
 public:
  ElementSink(std::string title, MakeSinkElement make)
      : make_(std::move(make)), pipelines_(std::move(title)) {
    failures_ =
        pipelines_.failed.connect([this](const Error& error) { emitSignal(failed, error); });
  }
  ~ElementSink() override { pipelines_.abandon(); }

  void addTrack(TrackOrigin origin, std::shared_ptr<Track> track) override {
    const MediaKind kind = track->kind();
    pipelines_.add(origin, track, [make = make_, origin, kind] { return make(origin, kind); });
  }
  void removeTrack(std::string consumerId) override { pipelines_.remove(consumerId); }
  Task<> close() override {
    const auto self = shared_from_this();
    co_await pipelines_.close();
  }

 private:
  const MakeSinkElement make_;
  TrackPipelines pipelines_;
  Connection failures_;
};

[[noreturn]] void refuse(const std::string& description, const std::string& reason) {
  throw Error(Error::Code::Media,
              "launch sink '" + shortenedLaunchLine(description) + "': " + reason);
}

GstElement* parse(const std::string& description) {
  std::string reason;
  if (GstElement* bin = parseLaunchLine(description, reason)) return bin;
  // A line that begins with caps reads well, but the parser wants an element before them.
  std::string ignored;
  if (GstElement* bin = parseLaunchLine("identity ! " + description, ignored)) return bin;
  refuse(description, reason);
}

GstElement* makeLaunchBin(const std::string& description) {
  auto bin = Ref<GstElement>::sink(parse(description));
  const auto pad = Ref<GstPad>::adopt(gst_bin_find_unlinked_pad(GST_BIN(bin.get()), GST_PAD_SINK));
  if (!pad) refuse(description, "it has no unlinked sink pad (put 'queue !' before a muxer)");
  gst_element_add_pad(bin.get(), gst_ghost_pad_new("sink", pad.get()));
  const GstPadDirection directions[] = {GST_PAD_SINK, GST_PAD_SRC};
  for (const GstPadDirection direction : directions) {
    const auto open = Ref<GstPad>::adopt(gst_bin_find_unlinked_pad(GST_BIN(bin.get()), direction));
    if (!open) continue;
    refuse(description, direction == GST_PAD_SINK ? "it has more than one unlinked sink pad"
                                                  : "it has an unlinked source pad");
  }
  GstElement* result = bin.release();
  g_object_force_floating(G_OBJECT(result));
  return result;
}

GstElement* makePlayer(const TrackOrigin&, MediaKind kind) {
  // What these sinks take they only know when they run.
  return makeLaunchBin(kind == MediaKind::audio ? "capsfilter caps=audio/x-raw ! autoaudiosink"
                                                : "capsfilter caps=video/x-raw ! autovideosink");
}

}  // namespace

std::shared_ptr<Sink> makeElementSink(MakeSinkElement make) {
  return std::make_shared<ElementSink>("element sink", std::move(make));
}

std::shared_ptr<Sink> makeLaunchSink(std::string description) {
  // So that a wrong line is told now.
  gst_object_unref(gst_object_ref_sink(makeLaunchBin(description)));
  return std::make_shared<ElementSink>(
      "launch sink '" + shortenedLaunchLine(description) + "'",
      [description](const TrackOrigin&, MediaKind) { return makeLaunchBin(description); });
}

std::shared_ptr<Sink> makePlaySink() { return std::make_shared<ElementSink>("play", &makePlayer); }

}  // namespace cosoup
