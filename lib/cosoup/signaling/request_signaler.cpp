// The requests of the demo protocol: what goes out with each, and what its answer must hold.
#include "cosoup/signaling/request_signaler.hpp"

#include <functional>
#include <utility>

#include "cosoup/async/deferred.hpp"
#include "cosoup/core/error.hpp"
#include "cosoup/signaling/dialect.hpp"
#include "cosoup/signaling/lenient.hpp"
#include "cosoup/signaling/protoo_content.hpp"

namespace cosoup {

using protoo::Call;
using protoo::Dialect;

/// What the coroutines of the requests share: they may outlast the signaler.
struct RequestSignaler::Requests {
  template <class T>
  using Read = std::function<T(const Dialect&, const Json& answer)>;
  using Word = std::function<Call(const Dialect&)>;
  using Ptr = std::shared_ptr<Requests>;

  Requests(RequestSignaler* owner, std::shared_ptr<Conversation> with)
      : signaler(owner), conversation(std::move(with)) {}

  RequestSignaler* signaler;  ///< null: gone
  const std::shared_ptr<Conversation> conversation;
  std::optional<Deferred<>> asking;  ///< while the router's capabilities are asked for

  Task<Json> send(const Call& message) const;
  static Task<Json> askForRouter(Ptr self);
  static Task<const Dialect*> dialect(Ptr self, std::string method);
  static Task<RtpCapabilities> routerRtpCapabilities(Ptr self);
  static Task<TransportParameters> createWebRtcTransport(Ptr self, WebRtcTransportOptions options);
  /// A request whose answer is read by `read`.
  template <class T>
  static Task<T> ask(Ptr self, std::string method, Word word, Read<T> read);
  /// A change, which either is answered when it was done, or not at all.
  static Task<> tell(Ptr self, Call message);
};

namespace {

template <class T>
T read(const std::string& method, const Dialect& dialect, const Json& answer,
       const std::function<T(const Dialect&, const Json&)>& reader) {
  try {
    return reader(dialect, answer);
  } catch (const Error& error) {
    throw lenient::malformedAnswer(method, error);
  }
}

/// The part of an answer that holds what was asked for.
Json within(const Json& answer, const char* member) {
  return member ? answer.get<Json>(member) : answer;
}

Json only(const char* key, const std::string& id) { return Json::object({{key, id}}); }

Json objectOf(const Json& appData) {
  if (appData.isNull()) return Json::object();
  if (appData.isObject()) return appData;
  throw Error(Error::Code::InvalidArgument, "appData: not an object");
}

TransportParameters readTransport(const Dialect& dialect, const Json& answer) {
  Json parameters = answer;
  parameters.set("id", answer.get<Json>(dialect.transportId));
  return fromJson<TransportParameters>(parameters);
}

}  // namespace

Task<Json> RequestSignaler::Requests::send(const Call& message) const {
  if (signaler) return signaler->request(message.method, message.data);
  throw Error(Error::Code::Disconnected, message.method + ": the signaler is gone");
}

// ---- which dialect -----------------------------------------------------------------------------

Task<Json> RequestSignaler::Requests::askForRouter(Ptr self) {
  const Deferred<> asked;
  self->asking = asked;
  struct Ending {
    Ending(Ptr requests, Deferred<> what) : self(std::move(requests)), asked(std::move(what)) {}
    ~Ending() {
      self->asking.reset();
      asked.resolve();
    }
    Ptr self;
    Deferred<> asked;
  };
  const Ending ending(self, asked);
  const Call question(protoo::getRouterRtpCapabilities, Json::object());
  const Json answer = co_await self->send(question);
  try {
    self->conversation->learn(answer);
  } catch (const Error& error) {
    throw lenient::malformedAnswer(question.method, error);
  }
  co_return answer;
}

/// Null is never the answer. Whoever asks first asks for all; `method` is what it is needed for.
Task<const Dialect*> RequestSignaler::Requests::dialect(Ptr self, std::string method) {
  try {
    while (!self->conversation->dialect()) {
      if (self->asking) {
        const Deferred<> asked = *self->asking;
        co_await asked.wait();
      } else {
        co_await askForRouter(self);
      }
    }
  } catch (const Error& error) {
    throw error.within(method);
  }
  co_return self->conversation->dialect();
}

// ---- the kinds of requests ---------------------------------------------------------------------

Task<RtpCapabilities> RequestSignaler::Requests::routerRtpCapabilities(Ptr self) {
  const Json answer = co_await askForRouter(self);
  const Dialect& dialect = *self->conversation->dialect();
  const Read<RtpCapabilities> reader = [](const Dialect& spoken, const Json& data) {
    return fromJson<RtpCapabilities>(within(data, spoken.routerRtpCapabilities));
  };
  co_return read(protoo::getRouterRtpCapabilities, dialect, answer, reader);
}

// Goes out at once, together with the question which dialect it is: a round trip less in each join.
Task<TransportParameters> RequestSignaler::Requests::createWebRtcTransport(
    Ptr self, WebRtcTransportOptions options) {
  const Dialect* known = self->conversation->dialect();
  Json data;
  if (known) {
    data = known->createWebRtcTransport(options);
  } else {
    data = protoo::createWebRtcTransportInAll(options);
  }
  const Call question("createWebRtcTransport", std::move(data));
  const Json answer = co_await self->send(question);
  const Dialect* spoken = co_await dialect(self, question.method);
  const Read<TransportParameters> reader = readTransport;
  co_return read(question.method, *spoken, answer, reader);
}

template <class T>
Task<T> RequestSignaler::Requests::ask(Ptr self, std::string method, Word word, Read<T> reader) {
  const Dialect* spoken = co_await dialect(self, std::move(method));
  const Call question = word(*spoken);
  const Json answer = co_await self->send(question);
  co_return read(question.method, *spoken, answer, reader);
}

Task<> RequestSignaler::Requests::tell(Ptr self, Call message) {
  const Dialect* spoken = co_await dialect(self, message.method);
  if (!spoken->notifiesChanges) {
    co_await self->send(message);
    co_return;
  }
  if (!self->conversation->admits(message.method, message.data)) co_return;
  if (!self->signaler) {
    throw Error(Error::Code::Disconnected, message.method + ": the signaler is gone");
  }
  co_await self->signaler->notify(message.method, message.data);
}

// ---- the requests ------------------------------------------------------------------------------

RequestSignaler::RequestSignaler(std::optional<ProtooDialect> dialect)
    : conversation_(std::make_shared<Conversation>(dialect)),
      requests_(std::make_shared<Requests>(this, conversation_)) {}

RequestSignaler::~RequestSignaler() { requests_->signaler = nullptr; }

Task<> RequestSignaler::notify(std::string method, Json data) {
  co_await request(std::move(method), std::move(data));
}

Task<RtpCapabilities> RequestSignaler::getRouterRtpCapabilities() {
  return Requests::routerRtpCapabilities(requests_);
}

Task<TransportParameters> RequestSignaler::createWebRtcTransport(WebRtcTransportOptions options) {
  return Requests::createWebRtcTransport(requests_, std::move(options));
}

Task<> RequestSignaler::connectWebRtcTransport(std::string transportId, DtlsParameters dtls) {
  Json data = Json::object({{"transportId", transportId}, {"dtlsParameters", toJson(dtls)}});
  const auto word = [data](const Dialect&) { return Call("connectWebRtcTransport", data); };
  return Requests::ask<void>(requests_, "connectWebRtcTransport", word,
                             [](const Dialect&, const Json&) {});
}

Task<IceParameters> RequestSignaler::restartIce(std::string transportId) {
  const auto word = [transportId](const Dialect&) {
    return Call("restartIce", only("transportId", transportId));
  };
  const auto reader = [](const Dialect& spoken, const Json& answer) {
    return fromJson<IceParameters>(within(answer, spoken.iceParameters));
  };
  return Requests::ask<IceParameters>(requests_, "restartIce", word, reader);
}

Task<std::vector<PeerDescription>> RequestSignaler::join(JoinOptions options) {
  const auto word = [data = protoo::toJson(options)](const Dialect&) { return Call("join", data); };
  return Requests::ask<std::vector<PeerDescription>>(requests_, "join", word, protoo::toPeers);
}

Task<std::string> RequestSignaler::produce(std::string transportId, MediaKind kind,
                                           RtpParameters parameters, Json appData) {
  Json data = Json::object({{"transportId", transportId},
                            {"kind", toJson(kind)},
                            {"rtpParameters", toJson(parameters)}});
  const auto word = [data, kind, appData](const Dialect& spoken) {
    Json worded = data;
    worded.set("appData", spoken.producerAppData(objectOf(appData), kind));
    return Call("produce", worded);
  };
  const auto reader = [](const Dialect& spoken, const Json& answer) {
    return lenient::id(answer, spoken.producerId);
  };
  return Requests::ask<std::string>(requests_, "produce", word, reader);
}

Task<std::string> RequestSignaler::produceData(std::string transportId,
                                               SctpStreamParameters parameters, std::string label,
                                               std::string protocol, Json appData) {
  Json data = Json::object({{"transportId", transportId},
                            {"sctpStreamParameters", toJson(parameters)},
                            {"label", label},
                            {"protocol", protocol}});
  const auto word = [data, label, appData](const Dialect& spoken) {
    Json worded = data;
    worded.set("appData", spoken.dataProducerAppData(objectOf(appData), label));
    return Call("produceData", worded);
  };
  const auto reader = [](const Dialect& spoken, const Json& answer) {
    return lenient::id(answer, spoken.dataProducerId);
  };
  return Requests::ask<std::string>(requests_, "produceData", word, reader);
}

Task<> RequestSignaler::closeProducer(std::string producerId) {
  return Requests::tell(requests_, Call("closeProducer", only("producerId", producerId)));
}

Task<> RequestSignaler::pauseProducer(std::string producerId) {
  return Requests::tell(requests_, Call("pauseProducer", only("producerId", producerId)));
}

Task<> RequestSignaler::resumeProducer(std::string producerId) {
  return Requests::tell(requests_, Call("resumeProducer", only("producerId", producerId)));
}

Task<> RequestSignaler::pauseConsumer(std::string consumerId) {
  return Requests::tell(requests_, Call("pauseConsumer", only("consumerId", consumerId)));
}

Task<> RequestSignaler::resumeConsumer(std::string consumerId) {
  return Requests::tell(requests_, Call("resumeConsumer", only("consumerId", consumerId)));
}

Task<> RequestSignaler::setConsumerPreferredLayers(std::string consumerId, int spatialLayer,
                                                   std::optional<int> temporalLayer) {
  Json data = only("consumerId", consumerId);
  data.set("spatialLayer", spatialLayer).set("temporalLayer", temporalLayer);
  return Requests::tell(requests_, Call("setConsumerPreferredLayers", std::move(data)));
}

Task<> RequestSignaler::setConsumerPriority(std::string consumerId, int priority) {
  Json data = only("consumerId", consumerId);
  data.set("priority", priority);
  return Requests::tell(requests_, Call("setConsumerPriority", std::move(data)));
}

Task<> RequestSignaler::requestConsumerKeyFrame(std::string consumerId) {
  return Requests::tell(requests_, Call("requestConsumerKeyFrame", only("consumerId", consumerId)));
}

Task<> RequestSignaler::changeDisplayName(std::string displayName) {
  return Requests::tell(requests_, Call("changeDisplayName", only("displayName", displayName)));
}

Task<> RequestSignaler::applyNetworkThrottle(NetworkThrottle throttle) {
  const auto word = [throttle](const Dialect& spoken) {
    return spoken.applyNetworkThrottle(throttle);
  };
  return Requests::ask<void>(requests_, "applyNetworkThrottle", word,
                             [](const Dialect&, const Json&) {});
}

Task<> RequestSignaler::resetNetworkThrottle(std::string secret) {
  const auto word = [secret](const Dialect& spoken) {
    return Call(spoken.resetNetworkThrottle, only("secret", secret));
  };
  return Requests::ask<void>(requests_, "resetNetworkThrottle", word,
                             [](const Dialect&, const Json&) {});
}

// ---- statistics --------------------------------------------------------------------------------

namespace {

auto statsOf(const char* method, const char* key, const std::string& id) {
  return [=](const Dialect&) { return Call(method, only(key, id)); };
}

Json readStats(const Dialect& spoken, const Json& answer) {
  const Json stats = within(answer, spoken.stats);
  if (stats.isArray()) return stats;
  throw Error(Error::Code::InvalidArgument, "not an array");
}

}  // namespace

Task<Json> RequestSignaler::getTransportStats(std::string transportId) {
  return Requests::ask<Json>(requests_, "getTransportStats",
                             statsOf("getTransportStats", "transportId", transportId), readStats);
}

Task<Json> RequestSignaler::getProducerStats(std::string producerId) {
  return Requests::ask<Json>(requests_, "getProducerStats",
                             statsOf("getProducerStats", "producerId", producerId), readStats);
}

Task<Json> RequestSignaler::getConsumerStats(std::string consumerId) {
  return Requests::ask<Json>(requests_, "getConsumerStats",
                             statsOf("getConsumerStats", "consumerId", consumerId), readStats);
}

Task<Json> RequestSignaler::getDataProducerStats(std::string dataProducerId) {
  return Requests::ask<Json>(requests_, "getDataProducerStats",
                             statsOf("getDataProducerStats", "dataProducerId", dataProducerId),
                             readStats);
}

Task<Json> RequestSignaler::getDataConsumerStats(std::string dataConsumerId) {
  return Requests::ask<Json>(requests_, "getDataConsumerStats",
                             statsOf("getDataConsumerStats", "dataConsumerId", dataConsumerId),
                             readStats);
}

}  // namespace cosoup
