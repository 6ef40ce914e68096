// The parts of the matrix test: codecs, the kinds of sources, and the kinds of sinks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "integration/member.hpp"

namespace cosoup::test {

/// A room that offers one video codec and one audio codec.
struct MatrixCodecs {
  std::string video;       ///< as the room server's --codecs has it: "h264-main"
  std::string audio;       ///< likewise
  std::string videoMime;   ///< "video/H264"
  std::string audioMime;   ///< "audio/opus"
  std::string videoChain;  ///< from raw to encoded, for gst-launch
  std::string audioChain;  ///< likewise
  std::string videoCaps;   ///< of the encoded frames
  std::string audioCaps;   ///< likewise

  std::string name() const { return video + "+" + audio; }
};

/// A source of one picture and one tone that goes on until it is closed. What it needs beside
/// itself lives as long as it does.
struct MatrixSource {
  std::string name;  ///< also the id of the peer that sends it
  std::function<ProduceConfig(const MatrixCodecs& codecs, const std::string& folder, Scope& scope)>
      make;
};

/// What a peer does with everything that it receives, in one call.
class MatrixSink {
 public:
  virtual ~MatrixSink() = default;
  virtual ConsumeConfig consume() = 0;
  /// Goes on during the call, and is cancelled in the end.
  virtual Task<> run() { co_return; }
  /// Whether nothing is missing of what this peer has sent, as far as it can be told during the
  /// call.
  virtual bool hasEnoughOf(const std::string& peer) {
    (void)peer;
    return true;
  }
  /// Asked after the call: what is wrong with what this peer has sent; empty if all is well.
  virtual std::string faultOf(const Member& receiver, const std::string& peer) {
    (void)receiver;
    (void)peer;
    return "";
  }
};

/// A kind of sinks.
struct MatrixColumn {
  std::string name;
  /// `folder`: its own, there; `peers`: of how many it will receive.
  std::function<std::unique_ptr<MatrixSink>(const MatrixCodecs& codecs, std::string folder,
                                            std::size_t peers)>
      make;
};

std::vector<MatrixCodecs> matrixCodecs();
std::vector<MatrixSource> matrixSources();
std::vector<MatrixColumn> matrixSinks();

}  // namespace cosoup::test
