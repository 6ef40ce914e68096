'use strict';

// usage: network.js --launch COSOUP_LAUNCH --clip KNOWN_CLIP --watch PICTURE_WATCH [--seconds S]
//          [--lines NAME,…] [--seed N] [--no-chromium]
// What comes of sending over a bad line: a JSON line for each line and each client, and of a line that changes for
// each of its phases. The client encodes and sends 640x480 at 30 frames/s, VP8, and Opus: a cosoup-launch, or a
// headless Chromium with mediasoup-client whose camera shows the same pictures. All of its UDP goes over the line,
// which is bad on the way up, for S seconds; the way down only has its share of the round trip, but for the
// blackout, which is both ways. Somebody else receives, on a good line. That is picture-watch, a program of its
// own: it looks at each picture as it comes, so that also the time is known that it took, which a recording does
// not tell. It has cosoup's reception: what cannot be decoded, it does not show.
//   seconds          how long the line, or its phase, was measured
//   fps              pictures that came, a second
//   frozenPercent    share of the time in which a picture stood still for more than 200 ms, for a viewer whose
//                    player holds them back until they are half a second old, so that what is sent again finds its
//                    place
//   brokenPercent    share of the pictures that came which do not say their number, or of which more than 2 % are
//                    far from what they should be
//   audioPercent     frames of sound that came of the 50 a second that are sent; more than all where such come that
//                    had been held up
//   sentKbps         what the client sent in all, headers of UDP and IP included, as the line counts it
//   lostPercent      share of its packets that got lost: by chance, or because the queue was full
//   queueMs          how long its packets waited for the line, in the median
//   pli              key frames that the server asked it for
//   rtx              packets that it sent again, also those by which Chromium finds out what the line takes
//   latencyMs        how long the pictures took from the camera on, in the median, if the quickest one in a hundred
//                    took no longer than the line
//   width            of the pictures, in the median
//   belowAfterMs     of a phase with a lower rate: how long until for a second no more was sent than that
//   backAfterMs      of a phase in which the line is good again: how long until for a second 85 % was sent of what
//                    was sent before it became bad
// null: it cannot be told, or has not happened. Losses are random, but the same for each client; the seed decides.
// Where something fails the line has "error", and the exit status is 1.

const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { ChromiumJob } = require('./chromium');
const { loadAverage } = require('./cpu');
const { Line } = require('./line');
const { Child, Launch, ROOM, Reporting, RoomServer, nowMs, runBenchmark } = require('./processes');
const { Relay } = require('./relay');
const sending = require('./sending');

const QUEUE_MS = 300;
const rate = (kbps) => ({ bytesPerSecond: kbps * 1000 / 8, queueMs: QUEUE_MS });
/** Free, slow and free again. */
const throttled = (kbps) => ({
  rttMs: 40,
  phases: [
    { phase: '3M', share: 0.5, up: rate(3000) },
    { phase: `${kbps}k`, share: 1, up: rate(kbps) },
    { phase: '3M again', share: 1, up: rate(3000) },
  ],
});

const LINES = {
  clean: {},
  loss1up: { rttMs: 40, up: { loss: 0.01 } },
  loss5up: { rttMs: 40, up: { loss: 0.05 } },
  loss10up: { rttMs: 40, up: { loss: 0.1 } },
  burstsup: { rttMs: 40, up: { burst: { begin: 0.005, end: 0.2 } } }, // 5 packets each, 2.4 % in all
  rtt300loss1: { rttMs: 300, up: { loss: 0.01 } },
  queue500k: throttled(500),
  queue150k: throttled(150),
  blackout3: {
    rttMs: 40,
    phases: [
      { phase: 'before', share: 0.25 },
      { phase: 'out', seconds: 3, loss: 1 },
      { phase: 'after', share: 0.5 },
    ],
  },
};

const { values: options } = parseArgs({
  options: {
    'launch': { type: 'string' },
    'clip': { type: 'string' },
    'watch': { type: 'string' },
    'seconds': { type: 'string', default: '20' },
    'lines': { type: 'string', default: Object.keys(LINES).join() },
    'seed': { type: 'string', default: '1' },
    'no-chromium': { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const KINDS = ['video', 'audio'];
const SETTLE_MS = 8000; // a client sends as much as it wants to
const DRAIN_MS = 2000; // what is on its way comes
const ENDING_MS = 120_000;

class CosoupSender {
  constructor(server, { matroska }) {
    this.launch = new Launch(options.launch, 'sender', server.url, undefined, '--reconnect', '--consume', 'none',
      '--produce', `file:${matroska},loop`);
    this.name = this.launch.name;
  }

  static async start(server, clip) {
    return new CosoupSender(server, clip);
  }

  /** When pictures were captured: a file is played as it should be. */
  async captureTimes(pictures) {
    return sending.steadyCamera(pictures);
  }

  /** Rejects when it ends before `promise` does. */
  during(promise) {
    return this.launch.expect('the line', promise, ENDING_MS + seconds * 3000);
  }

  stop() {
    return this.launch.stop();
  }
}

class ChromiumSender {
  name = 'Chromium';

  static async start(server, { mjpeg }) {
    const sender = new ChromiumSender();
    sender.job = await ChromiumJob.start(server.httpUrl, ROOM, { sends: true, camera: mjpeg });
    await sender.job.watchCamera();
    return sender;
  }

  /** Its camera falls behind when the machine is busy, and stays there. */
  async captureTimes(pictures) {
    const sinceEpochMs = Date.now() - nowMs();
    const captured = await this.job.captureTimes();
    return sending.toldCamera(captured.map(([ms, number]) => [ms - sinceEpochMs, number]), pictures);
  }

  during(promise) {
    return promise;
  }

  stop() {
    return this.job.stop();
  }
}

const CLIENTS = { cosoup: CosoupSender, chromium: ChromiumSender };

class Bench {
  #clip;
  #relay;
  #server;

  static async start(directory) {
    const bench = new Bench();
    bench.#clip = await makeKnownClip(directory);
    bench.#relay = await Relay.start({ oneWayMs: 0 });
    bench.#server = await RoomServer.start(directory, ['--insecure-ws', '--max-incoming-bitrate', '0',
      '--announced-rtc-port', String(bench.#relay.udpPort)]);
    await bench.#relay.connect({ tcpPort: bench.#server.tcpPort, udpPort: await bench.#server.rtcPort() });
    return bench;
  }

  /** The lines of the table. */
  async measure(name, client) {
    const watch = new Reporting('picture-watch', options.watch, [this.#server.url, ROOM, 'watch']);
    let sender;
    try {
      await watch.until('joined', () => watch.all('joined')[0]);
      sender = await CLIENTS[client].start(this.#server, this.#clip);
      await sender.during(watch.until('both flow', () => watch.all('first').length === KINDS.length));
      const run = await sender.during(this.#runLine(name, sender));
      await watch.stop();
      const [seen] = watch.all('seen');
      if (!seen) throw new Error(`picture-watch saw nothing: ${watch.log}`);
      const capturedMs = await sender.captureTimes(seen.video);
      const pictures = sending.timedPictures(seen.video, capturedMs, (LINES[name].rttMs ?? 0) / 2);
      return tableLines(name, client, run, { pictures, sounds: seen.audio });
    } finally {
      this.#relay.line = undefined;
      await Promise.all([sender?.stop(), watch.stop()]);
    }
  }

  /** {packets, phases}: what was sent, and when which phase was. */
  async #runLine(name, sender) {
    const { transports } = await this.#peer('watch');
    const ports = transports.map(({ iceSelectedTuple }) => iceSelectedTuple?.remotePort);
    this.#relay.exempt(ports.filter(Boolean));
    const packets = new sending.SentPackets(await this.#rtxTypes(sender));
    const { rttMs } = LINES[name];
    const line = new Line({ rttMs }, Number(options.seed));
    line.onPacket = (direction, data, isLost) => {
      if (direction === 'up') packets.add(nowMs(), data, isLost, line.up.waitMs(performance.now()));
    };
    this.#relay.line = line;
    await sleep(SETTLE_MS);
    const phases = [];
    for (const phase of sending.phasesOf(LINES[name], seconds)) {
      phases.push(await this.#runPhase(line, phase, sender));
    }
    line.change({ rttMs });
    await sleep(DRAIN_MS);
    const { meanMs, maxMs } = this.#relay.lateness;
    console.error(`${name}, ${sender.name}: the relay was ${meanMs.toFixed(2)} ms late, at most ` +
      `${maxMs.toFixed(0)}; load ${loadAverage()[0]}`);
    return { packets: packets.all, phases };
  }

  async #runPhase(line, phase, sender) {
    const plisBefore = await this.#plis(sender);
    line.change(phase.line);
    const fromMs = nowMs();
    await sleep(phase.seconds * 1000);
    const toMs = nowMs();
    return { ...phase, fromMs, toMs, pli: await this.#plis(sender) - plisBefore };
  }

  /** Known by its id or its name. */
  async #peer(name) {
    const { peers } = await this.#server.http('GET', `/test/rooms/${ROOM}`);
    const peer = peers.find(({ id, displayName }) => [id, displayName].includes(name));
    if (!peer) throw new Error(`${name} is not in the room`);
    return peer;
  }

  async #rtxTypes({ name }) {
    const { producers } = await this.#peer(name);
    return producers.flatMap(({ rtpParameters }) => rtpParameters.codecs)
      .filter(({ mimeType }) => /\/rtx$/i.test(mimeType)).map(({ payloadType }) => payloadType);
  }

  /** How many key frames the server has asked it for. */
  async #plis({ name }) {
    const { producers } = await this.#peer(name);
    return producers.reduce((sum, { stats }) => sum + stats.pliCount + stats.firCount, 0);
  }
}

async function makeKnownClip(directory) {
  const clip = { mjpeg: path.join(directory, 'known.mjpeg'), matroska: path.join(directory, 'known.mkv') };
  const child = new Child('known-clip', options.clip, [clip.mjpeg, clip.matroska]);
  const status = await child.exited;
  if (status !== 0) throw new Error(`the clip could not be made: ${child.log}`);
  return clip;
}

function tableLines(name, client, { packets, phases }, { pictures, sounds }) {
  const beforeKbps = sending.sentKbps(packets, phases[0]);
  return phases.map((phase, at) => ({
    line: name,
    client,
    phase: phase.phase,
    seconds: phase.seconds,
    ...sending.seenFigures(pictures, sounds, phase),
    ...sending.packetFigures(packets, phase),
    pli: phase.pli,
    ...changeFigures(packets, phase, beforeKbps, { isFirst: at === 0, isLast: at === phases.length - 1 }),
  }));
}

/** Of what comes after a change of the line. */
function changeFigures(packets, phase, beforeKbps, { isFirst, isLast }) {
  if (isFirst) return {};
  if (isLast) return { backAfterMs: sending.backAfter(packets, phase, beforeKbps) };
  const { bytesPerSecond } = phase.line.up ?? {};
  return bytesPerSecond ? { belowAfterMs: sending.belowAfter(packets, phase, bytesPerSecond * 8 / 1000) } : {};
}

const unknown = options.lines.split(',').filter((name) => !(name in LINES));
if (unknown.length > 0) {
  console.error(`there is no line ${unknown[0]}; there are ${Object.keys(LINES).join(', ')}`);
  process.exit(2);
}

const clients = Object.keys(CLIENTS).filter((client) => client === 'cosoup' || !options['no-chromium']);
let bench;

/** One that fails does not keep the others from being made. */
const measurements = options.lines.split(',').flatMap((name) => clients.map((client) => async (directory) => {
  bench ??= await Bench.start(directory);
  return bench.measure(name, client).catch(({ message }) => {
    console.error(message);
    process.exitCode = 1;
    return { line: name, client, error: message.trim().replace(/\s*\n\s*/g, ': ') };
  });
}));
runBenchmark(...measurements);
