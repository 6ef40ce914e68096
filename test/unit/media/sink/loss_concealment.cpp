// Sound of which packets are lost, as a decoder gives it.
#include "cosoup/media/sink/loss_concealment.hpp"

#include <cmath>
#include <fstream>
#include <numbers>
#include <set>

#include "cosoup/async/deferred.hpp"
#include "cosoup/media/sink/frame_sink.hpp"
#include "cosoup/rtc/opus_packet.hpp"
#include "unit/media/rtp/fed.hpp"

using namespace cosoup;
using namespace cosoup::test;

namespace {

constexpr int kRate = 48000;
constexpr int kPacket = kRate / 50;  // samples
constexpr int kPackets = 100;

using Samples = std::vector<double>;

/// Syllables of a voice that sings up and down: what comes next cannot be told from what was.
void writeVoice(const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  double phase = 0;
  for (int i = 0; i < kPackets * kPacket; ++i) {
    const double time = static_cast<double>(i) / kRate;
    const double pitch = 150 + 60 * std::sin(2 * std::numbers::pi * 3.1 * time);
    phase += 2 * std::numbers::pi * pitch / kRate;
    double sum = 0;
    for (int harmonic = 1; harmonic <= 12; ++harmonic) {
      const double formant = 600 + 350 * std::sin(2 * std::numbers::pi * 2.3 * time);
      const double distance = (harmonic * pitch - formant) / 250;
      sum += std::exp(-distance * distance) * std::sin(harmonic * phase);
    }
    const double loudness = 0.6 + 0.4 * std::sin(2 * std::numbers::pi * 5 * time);
    const auto sample = static_cast<std::int16_t>(9000 * loudness * sum);
    file.write(reinterpret_cast<const char*>(&sample), sizeof(sample));
  }
}

/// As the depayloader gives it.
Clip voice(const std::string& options) {
  const TemporaryDirectory directory;
  writeVoice(directory.file("voice"));
  Clip clip = encode("filesrc blocksize=1920 location=" + directory.file("voice") +
                     " ! rawaudioparse use-sink-caps=false format=pcm pcm-format=s16le"
                     " sample-rate=48000 num-channels=1 ! opusenc audio-type=voice bitrate=24000 " +
                     options);
  const auto caps =
      capsFrom("audio/x-opus, channel-mapping-family=0, channels=(int)1, rate=(int)48000");
  for (std::size_t i = 0; i < clip.size(); ++i) {
    // Without what the encoder says of its delay.
    clip[i].buffer = Ref<GstBuffer>::adopt(
        gst_buffer_copy_region(clip[i].buffer.get(), GST_BUFFER_COPY_MEMORY, 0, G_MAXSIZE));
    clip[i].caps = caps;
    clip[i].time = i * 20 * GST_MSECOND;
  }
  return clip;
}

const std::string kWithFec = "inband-fec=true packet-loss-percentage=25";

std::size_t packetsWithFec(const Clip& clip) {
  return static_cast<std::size_t>(std::count_if(clip.begin(), clip.end(), [](const Frame& frame) {
    GstMapInfo map;
    gst_buffer_map(frame.buffer.get(), &map, GST_MAP_READ);
    const auto packet = readOpusPacket({map.data, map.size});
    gst_buffer_unmap(frame.buffer.get(), &map);
    REQUIRE(packet);
    CHECK(packet->duration == 20ms);
    return packet->hasFec;
  }));
}

/// Without these packets, of which the decoder is told or not.
Clip without(const Clip& clip, const std::set<std::size_t>& lost, bool isTold = true) {
  Clip rest;
  GstClockTime missing = 0;
  for (std::size_t i = 0; i < clip.size(); ++i) {
    if (lost.contains(i)) {
      missing += 20 * GST_MSECOND;
      continue;
    }
    rest.push_back(clip[i]);
    if (isTold) rest.back().lost = missing;
    missing = 0;
  }
  return rest;
}

struct Decoded {
  Samples samples;  ///< in their places, silence where there are none
  std::size_t count = 0;
};

Task<> takeInto(Decoded& decoded, std::shared_ptr<FrameSink> sink, GstClockTime start) {
  while (auto received = co_await sink->next()) {
    GstMapInfo map;
    gst_buffer_map(received->frame.buffer.get(), &map, GST_MAP_READ);
    const auto* samples = reinterpret_cast<const gint16*>(map.data);
    const std::size_t count = map.size / sizeof(gint16);
    const std::size_t first = (received->frame.time - start + 10000) * kRate / GST_SECOND;
    if (decoded.samples.size() < first + count) decoded.samples.resize(first + count, 0);
    std::copy_n(samples, count, decoded.samples.begin() + static_cast<std::ptrdiff_t>(first));
    decoded.count += count;
    gst_buffer_unmap(received->frame.buffer.get(), &map);
  }
}

Task<> decodeInto(Decoded& decoded, Clip clip) {
  FrameSinkOptions options(FrameSinkOptions::Form::raw);
  options.audioCaps += ", rate=48000, channels=1";
  options.queueLength = 10 * kPackets;
  const auto sink = makeFrameSink(options);
  std::vector<std::string> failures;
  const Connection connection =
      sink->failed.connect([&](const Error& error) { failures.push_back(error.what()); });
  Fed audio(MediaKind::audio);
  sink->addTrack(ada, audio.track);
  const GstClockTime start = gst_util_get_timestamp();
  for (Frame& frame : clip) frame.time += start;
  for (const Frame& frame : clip) audio.track->deliver(frame);
  Scope scope;
  const Deferred<> taken = begin(scope, takeInto(decoded, sink, start));
  co_await sink->close();
  co_await taken.wait();
  co_await scope.join();
  CHECK(failures.empty());
}

Decoded decode(const Clip& clip) {
  Decoded decoded;
  runTest(decodeInto(decoded, clip));
  return decoded;
}

/// The energy of the samples of these packets.
template <class Function>
double energy(const std::set<std::size_t>& packets, Function sampleAt) {
  double sum = 0;
  for (const std::size_t packet : packets) {
    for (std::size_t i = packet * kPacket; i < (packet + 1) * kPacket; ++i) {
      const double sample = sampleAt(i);
      sum += sample * sample;
    }
  }
  return sum;
}

double at(const Samples& samples, std::size_t i) { return i < samples.size() ? samples[i] : 0; }

/// Of the original, in these packets: how much the other has of its energy, and what its error is.
struct Likeness {
  double loudness;
  double error;
};

Likeness compare(const Decoded& original, const Decoded& other,
                 const std::set<std::size_t>& packets) {
  const auto original_ = [&](std::size_t i) { return at(original.samples, i); };
  const auto other_ = [&](std::size_t i) { return at(other.samples, i); };
  const double whole = energy(packets, original_);
  return {energy(packets, other_) / whole,
          energy(packets, [&](std::size_t i) { return original_(i) - other_(i); }) / whole};
}

const std::set<std::size_t> kSingle{20, 27, 35, 48, 55, 63, 77, 84, 91};

}  // namespace

TEST_CASE("lost Opus is made up from the next packet, or from what was before, but not skipped") {
  const Clip fec = voice(kWithFec);
  const Clip plain = voice("");
  CHECK(packetsWithFec(fec) > fec.size() / 2);
  CHECK(packetsWithFec(plain) == 0);
  const Decoded whole = decode(fec);
  const Decoded wholePlain = decode(plain);
  CHECK(whole.count == fec.size() * kPacket);

  const Decoded repaired = decode(without(fec, kSingle));
  const Decoded concealed = decode(without(plain, kSingle));
  const Decoded skipped = decode(without(plain, kSingle, false));
  CHECK(repaired.count == whole.count);
  CHECK(concealed.count == wholePlain.count);
  CHECK(skipped.count == wholePlain.count - kSingle.size() * kPacket);

  const Likeness fromNext = compare(whole, repaired, kSingle);
  const Likeness fromBefore = compare(wholePlain, concealed, kSingle);
  const Likeness nothing = compare(wholePlain, skipped, kSingle);
  CAPTURE(fromNext.error, fromBefore.error, fromNext.loudness, fromBefore.loudness);
  CHECK(fromNext.error < fromBefore.error / 2);
  CHECK(fromNext.loudness > 0.5);
  CHECK(fromBefore.loudness > 0.2);
  CHECK(nothing.loudness < 0.01);
}

TEST_CASE("of several lost packets in a row the last is in the next one") {
  const std::size_t run = GENERATE(2, 3, 8);
  const Clip fec = voice(kWithFec);
  const Clip plain = voice("");
  std::set<std::size_t> lost;
  std::set<std::size_t> last;
  for (const std::size_t end : {30, 50, 70, 90}) {
    for (std::size_t i = 1; i <= run; ++i) lost.insert(end - i);
    last.insert(end - 1);
  }
  const Decoded repaired = decode(without(fec, lost));
  CHECK(repaired.count == fec.size() * kPacket);
  const Likeness fromNext = compare(decode(fec), repaired, last);
  const Likeness fromBefore = compare(decode(plain), decode(without(plain, lost)), last);
  CAPTURE(run, fromNext.error, fromBefore.error, fromNext.loudness, fromBefore.loudness);
  CHECK(fromNext.error < 0.8 * fromBefore.error);
}

TEST_CASE("nothing is made up for silence that is not sent, nor for a loss that is too long") {
  const bool isTold = GENERATE(true, false);
  const std::string options = GENERATE(std::string(), kWithFec);
  const Clip clip = voice(options);
  std::set<std::size_t> gap;
  for (std::size_t i = 20; i < 80; ++i) gap.insert(i);
  const Decoded decoded = decode(without(clip, gap, isTold));
  CHECK(decoded.count == (clip.size() - gap.size()) * kPacket);
}

TEST_CASE("a broken packet costs no more than itself") {
  const std::string options = GENERATE(std::string(), kWithFec);
  CAPTURE(options);
  Clip clip = voice(options);
  const std::size_t count = clip.size();
  const guint8 broken[] = {0xff, 0x3f, 1, 2, 3};
  clip[50].buffer = Ref<GstBuffer>::adopt(gst_buffer_new_memdup(broken, sizeof(broken)));
  const Decoded decoded = decode(clip);
  CHECK(decoded.count == (count - 1) * kPacket);
  CHECK(decoded.samples.size() == count * kPacket);
}
