// MuxedFile: a WebM, Matroska or MP4 file that encoded frames are written into. Internal to the
// media floor.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <memory>
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

  /// `time` counts from the start of the file. No stream waits for another one, except in MP4; a
  /// muxer with a thread of its own keeps what it cannot write yet in memory (and blocks at 64 MiB
  /// of it). Throws Error(Media): disk full and the like.
  void write(std::size_t stream, GstBuffer* frame, GstClockTime time);
  /// Grows with what goes into the file; it need not be on the disk yet. Thread-safe.
  std::uint64_t written() const { return *written_; }

  /// Writes length and index. Throws Error(Media).
  void finish();
  /// After a failure: length and index as far as that can be, or nothing. Never throws.
  void finishWhatIsThere();
  /// Leaves the file as it is without waiting for whoever is writing to it; nothing but its path is
  /// of use afterwards.
  void abandon();

 private:
  struct Input {
    Ref<GstPad> pad;     ///< ours, linked to the muxer's or its queue's
    Ref<GstPad> muxPad;  ///< the muxer's
    GstClockTime position = 0;
  };

  GstElement* makeMuxer() const;
  void build(const std::vector<Stream>& streams);
  void countWritten();
  void writeRotations(const std::vector<Stream>& streams);
  void addInput(const Ref<GstCaps>& caps, std::size_t index);
  void passOver(std::size_t stream, GstClockTime time);
  Ref<GstMessage> end(GstClockTime limit);
  [[noreturn]] void fail(const char* operation, GstMessage* reason);
  void checkPath() const;

  const std::string path_;
  const Format format_;
  Ref<GstElement> pipeline_;
  bool over_ = false;          // the pipeline has been stopped
  GstElement* mux_ = nullptr;  // the pipeline's
  std::vector<Input> inputs_;
  const std::shared_ptr<std::atomic<std::uint64_t>> written_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace cosoup
