// Cameras, microphones, screens.
#include "cosoup/media/source/media_devices.hpp"

#include "support/eventually.hpp"
#include "unit/media/open_error.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

// A provider of one camera that shows a test picture: this is how GStreamer's own look.
struct FakeCamera {
  GstDevice parent;
};
struct FakeCameraClass {
  GstDeviceClass parentClass;
};
G_DEFINE_TYPE(FakeCamera, fake_camera, GST_TYPE_DEVICE)
void fake_camera_init(FakeCamera*) {}
void fake_camera_class_init(FakeCameraClass* klass) {
  GST_DEVICE_CLASS(klass)->create_element = [](GstDevice*, const char* name) {
    GstElement* element = gst_element_factory_make("videotestsrc", name);
    g_object_set(element, "is-live", TRUE, nullptr);
    return element;
  };
}

struct FakeProvider {
  GstDeviceProvider parent;
};
struct FakeProviderClass {
  GstDeviceProviderClass parentClass;
};
G_DEFINE_TYPE(FakeProvider, fake_provider, GST_TYPE_DEVICE_PROVIDER)
void fake_provider_init(FakeProvider*) {}
void fake_provider_class_init(FakeProviderClass* klass) {
  GST_DEVICE_PROVIDER_CLASS(klass)->probe = [](GstDeviceProvider*) -> GList* {
    const auto caps = capsFrom("video/x-raw, width=(int)640, height=(int)480");
    GstStructure* properties =
        gst_structure_new("properties", "device.path", G_TYPE_STRING, "/dev/fake7", "is-default",
                          G_TYPE_BOOLEAN, TRUE, nullptr);
    auto* camera = static_cast<GstDevice*>(
        g_object_new(fake_camera_get_type(), "display-name", "Fake Camera", "device-class",
                     "Video/Source", "caps", caps.get(), "properties", properties, nullptr));
    gst_structure_free(properties);
    return g_list_append(nullptr, camera);
  };
  gst_device_provider_class_set_static_metadata(GST_DEVICE_PROVIDER_CLASS(klass), "Fake provider",
                                                "Source/Video", "One camera", "cosoup's tests");
}

void plugInCamera() {
  ensureGStreamer();
  static const bool once = gst_device_provider_register(nullptr, "fakecameraprovider",
                                                        GST_RANK_PRIMARY, fake_provider_get_type());
  REQUIRE(once);
}

Task<> findsCamera() {
  const std::vector<MediaDevice> devices = co_await listDevices();
  const auto found = std::find_if(devices.begin(), devices.end(), [](const MediaDevice& device) {
    return device.name == "Fake Camera";
  });
  REQUIRE(found != devices.end());
  CHECK(found->kind == MediaKind::video);
  CHECK(found->id == "/dev/fake7");
  CHECK(found->isDefault);
  CHECK(found->caps.find("640") != std::string::npos);
}

Task<> showsPicture(std::shared_ptr<Source> source, std::string part) {
  co_await source->open(nullptr);
  const auto track = source->tracks().at(0);
  CHECK(capsText(track->caps()).find(part) != std::string::npos);
  const auto log = logOf(track);
  co_await source->play();
  co_await eventually("frames", [&] { return log->count() >= 5; });
  const auto notes = log->notes();
  CHECK(gst_util_get_timestamp() - notes.back().time < GST_SECOND);
  co_await source->close();
}

/// An X server of its own on a free display; none where Xvfb is not installed.
class VirtualScreen {
 public:
  VirtualScreen() {
    const char* const command[] = {"Xvfb",       "-displayfd", "1",   "-screen", "0",
                                   "320x240x24", "-nolisten",  "tcp", nullptr};
    process_ = Ref<GSubprocess>::adopt(
        g_subprocess_newv(command,
                          static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                                        G_SUBPROCESS_FLAGS_STDERR_SILENCE),
                          nullptr));
    if (!process_) return;
    GInputStream* pipe = g_subprocess_get_stdout_pipe(process_.get());
    std::string number;
    char digit = 0;
    while (g_input_stream_read(pipe, &digit, 1, nullptr, nullptr) == 1 && digit != '\n') {
      number += digit;
    }
    REQUIRE_FALSE(number.empty());
    display_ = ":" + number;
  }
  ~VirtualScreen() {
    if (!process_) return;
    g_subprocess_force_exit(process_.get());
    g_subprocess_wait(process_.get(), nullptr, nullptr);
  }

  /// Empty where there is none.
  const std::string& display() const { return display_; }

 private:
  Ref<GSubprocess> process_;
  std::string display_;
};

bool thereIsNoDevice() {
  return !g_file_test("/dev/video0", G_FILE_TEST_EXISTS) &&
         !g_file_test("/dev/snd", G_FILE_TEST_EXISTS);
}

}  // namespace

TEST_CASE("a missing device is a clear error, not a test picture") {
  runTest(failsToOpen(makeCameraSource(CameraOptions("Nobody's")), Error::Code::Media,
                      "open camera 'Nobody's': there "
                      "is no such device"));
  runTest(failsToOpen(makeMicrophoneSource(MicrophoneOptions("Nobody's")), Error::Code::Media,
                      "open microphone 'Nobody's': there is no such device"));
  if (!thereIsNoDevice()) return;
  runTest(
      failsToOpen(makeCameraSource(), Error::Code::Media, "open camera: this machine has none"));
  runTest(failsToOpen(makeMicrophoneSource(), Error::Code::Media,
                      "open microphone: this machine has none"));
}

TEST_CASE("a screen that is not there is a clear error") {
  ScreenOptions options;
  options.display = ":7654";
  runTest(failsToOpen(makeScreenSource(options), Error::Code::Media,
                      "open screen: ximagesrc0: Could not open X display"));
}

TEST_CASE("a screen is a source") {
  const VirtualScreen screen;
  if (screen.display().empty()) {
    WARN("not tested: Xvfb is not installed");
    return;
  }
  ScreenOptions options;
  options.display = screen.display();
  options.framerate = 20;
  runTest(showsPicture(makeScreenSource(options), "width=(int)320"));
}

TEST_CASE("devices are listed, and can be chosen by id and by name") {
  plugInCamera();
  runTest(findsCamera());
  runTest(showsPicture(makeCameraSource(CameraOptions("Fake Camera")), "width=(int)640"));
  runTest(showsPicture(makeCameraSource(CameraOptions("/dev/fake7")), "width=(int)640"));
}
