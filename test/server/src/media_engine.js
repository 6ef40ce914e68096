'use strict';

const { EventEmitter } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const mediasoup = require('mediasoup');
const { routerCodecs } = require('./router_codecs');
const { log } = require('./log');

// A mediasoup without WebRtcServer takes a port per transport, so a fixed port becomes a range.
const PORTS_WITHOUT_WEBRTC_SERVER = 100;
const WORKER_EXIT_TIMEOUT_MS = 3000;

function isAtLeast(wantedMajor, wantedMinor) {
  const [major, minor] = mediasoup.version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function workerSettings({ rtcPort }) {
  const settings = { logLevel: 'warn' };
  if (rtcPort && !isAtLeast(3, 10)) {
    settings.rtcMinPort = rtcPort;
    settings.rtcMaxPort = Math.min(rtcPort + PORTS_WITHOUT_WEBRTC_SERVER - 1, 65535);
  }
  return settings;
}

function processExists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The mediasoup worker and what differs between mediasoup versions. Emits 'died'. */
class MediaEngine extends EventEmitter {
  static async create(options) {
    const worker = await mediasoup.createWorker(workerSettings(options));
    const engine = new MediaEngine(worker, options);
    try {
      if (isAtLeast(3, 10)) await engine.#listen();
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  #worker;
  #options;
  #webRtcServer;

  constructor(worker, options) {
    super();
    this.#worker = worker;
    this.#options = options;
    worker.on('died', (error) => this.emit('died', error));
  }

  get workerPid() {
    return this.#worker.pid;
  }

  /** The demo's servers of its time did not tell their version. */
  get isOldVersion() {
    return !isAtLeast(3, 14);
  }

  get version() {
    return mediasoup.version;
  }

  /** {udp, tcp} of the one media port pair, or undefined when every transport has its own. */
  async rtcPorts() {
    if (!this.#webRtcServer) return undefined;
    const { udpSockets, tcpServers } = await this.#webRtcServer.dump();
    return { udp: udpSockets[0].port, tcp: tcpServers[0].port };
  }

  createRouter() {
    return this.#worker.createRouter({ mediaCodecs: routerCodecs(this.#options) });
  }

  /** `sctp` asks for SCTP; `maxIncomingBitrate` holds unless the server's options have one. */
  async createWebRtcTransport(router, { forceTcp = false, sctp, numSctpStreams, maxIncomingBitrate, appData = {} }) {
    const { host, iceConsentTimeout, iceTcpOnly } = this.#options;
    const transport = await router.createWebRtcTransport({
      ...(this.#webRtcServer ? { webRtcServer: this.#webRtcServer } : { listenIps: [{ ip: host }] }),
      enableUdp: !forceTcp && !iceTcpOnly,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout,
      initialAvailableOutgoingBitrate: 1000000,
      enableSctp: this.#allowsSctp(sctp),
      numSctpStreams,
      ...this.#messageSizes(),
      appData,
    });
    const limit = this.#options.maxIncomingBitrate ?? maxIncomingBitrate;
    if (limit) await transport.setMaxIncomingBitrate(limit);
    return transport;
  }

  createPlainTransport(router, { rtcpMux, comedia, sctp, numSctpStreams, appData = {} }) {
    return router.createPlainTransport({
      listenIp: { ip: this.#options.host },
      rtcpMux,
      comedia,
      enableSctp: sctp && !this.#options.noSctp,
      numSctpStreams,
      appData,
    });
  }

  /** What a client is told about its new transport. */
  describeWebRtcTransport(transport) {
    const { announcedRtcPort, announcedAddress } = this.#options;
    const iceCandidates = transport.iceCandidates.map((candidate) => ({
      ...candidate,
      ...(announcedRtcPort && { port: announcedRtcPort }),
      ...(announcedAddress && { ip: announcedAddress }),
      ...(announcedAddress && candidate.address && { address: announcedAddress }),
    }));
    return {
      id: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates,
      dtlsParameters: transport.dtlsParameters,
      sctpParameters: transport.sctpParameters,
    };
  }

  /** Resolves when the worker process is gone. */
  async close() {
    const { pid } = this.#worker;
    this.#worker.close();
    const deadline = Date.now() + WORKER_EXIT_TIMEOUT_MS;
    while (processExists(pid)) {
      if (Date.now() > deadline) {
        log(`worker ${pid} did not exit, killing it`);
        process.kill(pid, 'SIGKILL');
      }
      await sleep(10);
    }
  }

  #allowsSctp(wanted) {
    const { noSctp, sctpAlways } = this.#options;
    return Boolean(wanted || sctpAlways) && !noSctp;
  }

  /** mediasoup 3.20 has a size for each direction, and room for one message by default only up to 2 MB. */
  #messageSizes() {
    const { maxMessageSize } = this.#options;
    if (!maxMessageSize) return {};
    const room = Math.max(2 * maxMessageSize, 2000000);
    return {
      maxSctpMessageSize: maxMessageSize,
      maxSendMessageSize: maxMessageSize,
      maxReceiveMessageSize: maxMessageSize,
      sctpSendBufferSize: room,
      sctpPerStreamSendQueueLimit: room,
      sctpMaxReceiverWindowBufferSize: Math.max(room, 5242880),
    };
  }

  async #listen() {
    const { host, rtcPort } = this.#options;
    this.#webRtcServer = await this.#worker.createWebRtcServer({
      listenInfos: ['udp', 'tcp'].map((protocol) =>
        ({ protocol, ip: host, ...(rtcPort && { port: rtcPort }) })),
    });
  }
}

module.exports = { MediaEngine };
