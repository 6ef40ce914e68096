// What a client sends and what it does with what it receives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cosoup/media/sink.hpp"
#include "cosoup/media/source.hpp"

namespace cosoup {

/// What to send. Each source is made anew for every join.
class ProduceConfig {
 public:
  using MakeSource = std::function<std::shared_ptr<Source>()>;

  /// Nothing.
  ProduceConfig() = default;
  static ProduceConfig none() { return ProduceConfig(); }
  static ProduceConfig test(TestSourceOptions options = TestSourceOptions());
  static ProduceConfig file(std::string path, FileSourceOptions options = FileSourceOptions());
  static ProduceConfig launch(std::string description);
  /// Any source of your own.
  static ProduceConfig from(MakeSource make);

  /// Sends what `other` sends, too.
  ProduceConfig& add(const ProduceConfig& other);

  /// Produce as part of joinRoom(), else when play() is called.
  bool autoProduce = true;

  const std::vector<MakeSource>& sources() const { return sources_; }

 private:
  std::vector<MakeSource> sources_;
};

/// What to do with what the other peers send.
class ConsumeConfig {
 public:
  using MakeSink = std::function<std::shared_ptr<Sink>()>;

  /// Receive nothing at all.
  static ConsumeConfig none() { return ConsumeConfig(nullptr); }
  /// Receive everything, keep nothing.
  static ConsumeConfig discard() { return ConsumeConfig(&makeDiscardSink); }
  /// One file per peer below the directory; see makeRecordSink().
  static ConsumeConfig record(std::string directory);
  static ConsumeConfig into(MakeSink make) { return ConsumeConfig(std::move(make)); }

  /// Null: nothing is consumed.
  const MakeSink& sink() const { return sink_; }

 private:
  explicit ConsumeConfig(MakeSink make) : sink_(std::move(make)) {}
  MakeSink sink_;
};

}  // namespace cosoup
