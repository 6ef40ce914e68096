// Encoders with real-time settings, the best one that is installed and works. Internal.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cosoup/async/task.hpp"
#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// What an encoder is to aim at. Settings that do not concern the kind or codec are ignored.
struct EncoderSettings {
  EncoderSettings() = default;

  std::uint32_t bitrate = 0;         ///< bit/s; 0: 1,000,000 for video, 48,000 for audio
  double maxFramerate = 0;           ///< frames/s; 0: as the source
  double scaleResolutionDownBy = 1;  ///< 2 halves width and height; below 1 counts as 1
  std::string elementName;           ///< factory of the encoder to use; empty: the best one
  bool audioLevel = false;           ///< put the level of audio on what comes out (LevelMarker)
  bool opusLevel = false;            ///< likewise of Opus that is not encoded here
  // Opus:
  bool stereo = true;                 ///< false: mixed down to one channel
  bool fec = true;                    ///< in-band forward error correction
  bool dtx = false;                   ///< send nearly nothing in silence
  bool cbr = false;                   ///< constant bit rate
  int ptime = 20;                     ///< ms per packet: 5, 10, 20, 40 or 60 (others become 20)
  std::uint32_t maxPlaybackRate = 0;  ///< Hz; no more audio bandwidth than that; 0: all of it
};

/// A bin of ghost pads "sink" (raw, any format and size in system memory) and "src" (encoded,
/// access-unit aligned, caps as of encodedCaps()), floating: convert, scale and drop frames as
/// needed, then the encoder. It knows no B-frames and no look-ahead, makes key frames only when
/// asked (GstForceKeyUnit events) or after a long time, and starts with one. Of the encoders
/// installed for the type the one of highest rank is taken that can be made ready (hardware first;
/// users raise or switch off an encoder with GStreamer's GST_PLUGIN_FEATURE_RANK).
/// Throws Error(Unsupported) when there is none. Thread-safe.
GstElement* makeEncoderBin(const std::string& mimeType, const EncoderSettings& settings);

/// Loads the encoder that makeEncoderBin() will take, on a helper thread, and finds out there which
/// of the hardware can be opened, so that makeEncoderBin() itself does not block. Throws Cancelled.
Task<> prepareEncoder(std::string mimeType, std::string elementName);

/// Changes the aim of a running encoder bin, from the next frame on; bit/s. A change of less than
/// 3 % is not worth the encoder's while. Returns false when the encoder cannot do that while it
/// runs. Never waits for the encoder. Thread-safe.
bool setEncoderBitrate(GstElement* encoderBin, std::uint32_t bitrate);

/// Changes the size and rate of the pictures of a running video encoder bin, with the meanings of
/// EncoderSettings, from the next frame on. Thread-safe.
void setEncoderPicture(GstElement* encoderBin, double scaleResolutionDownBy, double maxFramerate);

/// The factory name of the encoder inside: "vp8enc". Thread-safe.
std::string encoderName(GstElement* encoderBin);

/// Factory names of the installed encoders for the type that we know how to set up, best first;
/// whether they can really be opened on this machine is seen only by makeEncoderBin().
std::vector<std::string> encodersFor(const std::string& mimeType);

}  // namespace cosoup
