// Cameras, microphones and the screen of this machine: which there are, and as sources.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cosoup/async/task.hpp"
#include "cosoup/core/export.hpp"
#include "cosoup/media/source/source.hpp"

namespace cosoup {

/// A camera or a microphone, as MediaDeviceInfo of the W3C.
struct MediaDevice {
  MediaKind kind = MediaKind::video;  ///< video: a camera, audio: a microphone
  std::string id;          ///< what names it best on this system: "/dev/video0", a node's name …
  std::string name;        ///< for people: "Integrated Camera"
  std::string caps;        ///< what it gives, in GStreamer's words
  bool isDefault = false;  ///< the system says that it is the default one
};

/// The devices that GStreamer's device providers find now; empty where there are none (or no
/// provider). Main-context-bound; waits on a helper thread. Throws Cancelled.
COSOUP_API Task<std::vector<MediaDevice>> listDevices();

/// Which camera, and what is wished of it.
struct CameraOptions {
  explicit CameraOptions(std::string device_ = "") : device(std::move(device_)) {}

  std::string device;  ///< MediaDevice::id or name; empty: the default one
  int width = 640;     ///< pixels; what the camera can do comes closest
  int height = 480;    ///< pixels
  int framerate = 30;  ///< frames/s
};

/// A camera. What it gives encoded (H264) and the router takes goes out as it is. open() throws
/// Error(Media) when there is no such device, or it cannot be opened.
COSOUP_API std::shared_ptr<Source> makeCameraSource(CameraOptions options = CameraOptions());

/// Which microphone.
struct MicrophoneOptions {
  explicit MicrophoneOptions(std::string device_ = "") : device(std::move(device_)) {}

  std::string device;  ///< MediaDevice::id or name; empty: the default one
};

/// A microphone. open() throws as that of a camera.
COSOUP_API std::shared_ptr<Source> makeMicrophoneSource(
    MicrophoneOptions options = MicrophoneOptions());

/// What of the screen is taken.
struct ScreenOptions {
  ScreenOptions() = default;

  std::string display;  ///< X11: ":0"; empty: where this program runs
  int framerate = 15;   ///< frames/s
  bool pointer = true;  ///< with the mouse pointer
};

/// The whole screen, through the element that this system has: ximagesrc (X11),
/// d3d11screencapturesrc (Windows), avfvideosrc (macOS). Under Wayland it is the portal's to ask
/// the user; give makeElementSource() a pipewiresrc of the node that it names. open() throws
/// Error(Media) when no screen can be taken.
COSOUP_API std::shared_ptr<Source> makeScreenSource(ScreenOptions options = ScreenOptions());

}  // namespace cosoup
