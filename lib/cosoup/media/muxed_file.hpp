// MuxedFile: a WebM, Matroska or MP4 file that encoded frames are written into. Internal to the
// media floor.
#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

#include "cosoup/gst/ref.hpp"

namespace cosoup {

/// Everything happens on the calling thread, which may block on the disk: for a thread that exists
/// to write. Use by one thread at a time.
class MuxedFile {
 public:
  enum class Format { webm, matroska, mp4 };
  /// `caps` are those of the frames, as of FrameParser; `rotation` as of Frame.
  struct Stream {
    Ref<GstCaps> caps;
    int rotation = 0;
  };
  /// What takes these codecs: WebM before Matroska, MP4 before both where it is preferred.
  static Format formatFor(const std::vector<Stream>& streams, bool preferMp4);
  /// With the dot.
  static const char* extensionOf(Format format);

  /// Overwrites the file. Throws Error(Media).
  MuxedFile(std::string path, Format format, const std::vector<Stream>& streams);
  MuxedFile(const MuxedFile&) = delete;
  MuxedFile& operator=(const MuxedFile&) = delete;
  /// Without finish() the file stays as far as it was written: playable, without length and index.
  ~MuxedFile();

  const std::string& path() const { return path_; }
  Format format() const { return format_; }

  /// `time` counts from the start of the file. No stream waits for another one, except in MP4,
  /// which keeps what it cannot write in memory (and blocks at 64 MiB of it). Throws Error(Media):
  /// disk full and the like.
  void write(std::size_t stream, GstBuffer* frame, GstClockTime time);

  /// Writes length and index. Throws Error(Media).
  void finish();

 private:
  struct Input {
    Ref<GstPad> pad;     ///< ours, linked to the muxer's or its queue's
    Ref<GstPad> muxPad;  ///< the muxer's
    GstClockTime position = 0;
  };

  GstElement* makeMuxer() const;
  void build(const std::vector<Stream>& streams);
  void writeRotations(const std::vector<Stream>& streams);
  void addInput(const Ref<GstCaps>& caps, std::size_t index);
  void passOver(std::size_t stream, GstClockTime time);
  [[noreturn]] void fail(const char* operation, GstMessage* reason);
  void checkPath() const;

  const std::string path_;
  const Format format_;
  Ref<GstElement> pipeline_;
  GstElement* mux_ = nullptr;  // the pipeline's
  std::vector<Input> inputs_;
};

}  // namespace cosoup
