'use strict';

// usage: lossy.js --launch COSOUP_LAUNCH --sender RTP_SENDER --frames RECORDED_FRAMES [--seconds S]
//          [--lines NAME,…] [--seed N] [--no-chromium]
// What a receiver makes of a bad line: a JSON line for each line and each client, which is a cosoup-launch that
// records, or a headless Chromium with mediasoup-client that plays. Somebody sends a clip as it is, on a clean
// path (VP8 of 640x480 at 30 frames/s with a key frame every two seconds, whoever asks for one, and Opus). Once
// both flow the line becomes bad for S seconds, for all that goes through it: media, RTCP, STUN and DTLS alike.
// Then it is good again for a while, in which all comes that was asked for.
//   framesPerSecond  pictures in the recording, or decoded by Chromium
//   freezes, frozenShare  pictures that stood still as W3C defines it (freezeCount), and for which share of the
//                    time. Of cosoup by the times of the frames in the recording, not by its own counters
//   lost             RTP packets of the media that the relay lost on their first way to the client
//   recovered, givenUp, nacks, plis  by the client's own counters; cosoup's nacks are packets that were asked
//                    for, Chromium's are messages, each of which may name several. Chromium counts what is sent
//                    again, also twice, so that no more is believed than was lost
//   recoveredShare   `recovered` of `lost`
//   brokenFrames     frames of the recording that are none of the clip's, or follow a gap before a key frame
//   decodeErrors     warnings and errors of GStreamer's demuxer and decoders for the recording
//   audioShare       packets of sound in the recording by those that were sent; of Chromium what it played and
//                    did not have to conceal
//   iceRestarts      how often the client found its connection lost and made a new one, of each transport
//   avOffsetMs       how much later the picture is than the sound, in 95 of 100 pictures no more than this; of
//                    Chromium when the line becomes good
// null: it cannot be told. Losses are random, but the same for each client; the seed decides. Where something
// fails the line has "error", and the exit status is 1.

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { ChromiumJob } = require('./chromium');
const { makeClip } = require('./clip');
const { loadAverage } = require('./cpu');
const { Line, LossCount, readIceUsername } = require('./line');
const { PlainPairs } = require('./plain_pairs');
const { Child, Launch, ROOM, RoomServer, runBenchmark } = require('./processes');
const { chromiumFigures, counterFigures, recordingFigures, tableLine } = require('./reception');
const { Relay } = require('./relay');

const LINES = {
  clean: {},
  random5: { loss: 0.05, rttMs: 40 },
  random10: { loss: 0.1, rttMs: 40 },
  bursts: { burst: { begin: 0.005, end: 0.2 }, rttMs: 40 }, // 5 packets each, 2.4 % in all
  slow: { loss: 0.01, rttMs: 300 },
  reordering: { jitterMs: 40, rttMs: 40 },
};

const { values: options } = parseArgs({
  options: {
    'launch': { type: 'string' },
    'sender': { type: 'string' },
    'frames': { type: 'string' },
    'seconds': { type: 'string', default: '30' },
    'lines': { type: 'string', default: Object.keys(LINES).join() },
    'seed': { type: 'string', default: '1' },
    'no-chromium': { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const KINDS = ['video', 'audio'];
const SETTLE_MS = 3000; // the first key frame, the first idea of the line
const DRAIN_MS = 3000; // what was asked for comes

class Bench {
  #directory;
  #clip;
  #relay;
  #server;

  static async start(directory) {
    const bench = new Bench();
    bench.#directory = directory;
    bench.#clip = path.join(directory, 'clip.webm');
    await makeClip(bench.#clip);
    bench.#relay = await Relay.start({ oneWayMs: 0 });
    bench.#server = await RoomServer.start(directory, ['--insecure-ws', '--max-incoming-bitrate', '0',
      '--announced-rtc-port', String(bench.#relay.udpPort)]);
    await bench.#relay.connect({ tcpPort: bench.#server.tcpPort, udpPort: await bench.#server.rtcPort() });
    // A room of broadcasters alone would be none.
    const keeper = bench.#launch('keeper', '--consume', 'none');
    await keeper.until('joined', () => keeper.all('joined')[0]);
    return bench;
  }

  #launch(peerId, ...more) {
    return new Launch(options.launch, peerId, this.#server.url, undefined, '--reconnect', ...more);
  }

  /** Lets `use` have a pair that is there and silent. */
  async #withPair(use) {
    const pair = await PlainPairs.open(this.#server, 1);
    try {
      return await use(pair);
    } finally {
      await pair.close();
    }
  }

  cosoup(name) {
    const recordings = path.join(this.#directory, 'recordings');
    return this.#withPair(async (pair) => {
      const usernames = this.#watchIce();
      const peer = this.#launch(`receiver-${name}`, '--consume', `record:${recordings}`);
      const ending = new AbortController();
      try {
        await peer.until('both consumers are there', () => peer.all('consuming').length === KINDS.length);
        await pair.send(options.sender, this.#clip);
        await peer.until('both flow', () => peer.all('first-rtp').length === KINDS.length);
        const bad = this.#beBad(name, peer.name, { usernames, signal: ending.signal });
        const { lost, iceRestarts } = await peer.expect('the bad line', bad, (seconds + 60) * 1000);
        await peer.stop();
        return tableLine(name, 'cosoup', seconds, lost, { ...await this.#figuresOf(peer, LINES[name]), iceRestarts });
      } finally {
        ending.abort();
        await peer.stop();
        fs.rmSync(recordings, { recursive: true, force: true });
      }
    });
  }

  async #figuresOf(peer, { jitterMs }) {
    const [summary] = peer.all('summary');
    if (!summary) throw new Error(`${peer.name} gave no summary: ${peer.log}`);
    const { recordings } = summary;
    // Several: it had to join again, and what was lost in between nobody counts.
    if (recordings.length !== 1) throw new Error(`${peer.name} made ${recordings.length} recordings: ${peer.log}`);
    for (const { kind, reception } of summary.consumed) console.error(kind, JSON.stringify(reception));
    const recording = await this.#framesOf(recordings[0].path);
    const counters = counterFigures(summary.consumed, { reorders: jitterMs > 0 });
    return { ...recordingFigures(recording, seconds, DRAIN_MS), ...counters };
  }

  async #framesOf(recording) {
    const child = new Child('recorded-frames', options.frames, [this.#clip, recording]);
    const lines = [];
    child.onLine((line) => lines.push(line));
    const status = await child.exited;
    if (status !== 0) throw new Error(`the recording could not be read: ${child.log}`);
    if (child.log) console.error(child.log);
    return JSON.parse(lines.join(''));
  }

  chromium(name) {
    return this.#withPair(async (pair) => {
      const usernames = this.#watchIce();
      const job = await ChromiumJob.start(this.#server.httpUrl, ROOM);
      try {
        await pair.send(options.sender, this.#clip);
        await job.receives(KINDS.length);
        const reports = [];
        const look = async () => reports.push(await job.inboundStats());
        const { lost, iceRestarts } = await this.#beBad(name, 'Chromium', { usernames, look });
        const figures = chromiumFigures(...reports, seconds, lost);
        return tableLine(name, 'chromium', seconds, lost, { ...figures, iceRestarts });
      } finally {
        await job.stop();
      }
    });
  }

  /** The names by which clients reach the server from now on, by a good line. */
  #watchIce() {
    const usernames = new Set([undefined]);
    const line = new Line({}, 0);
    line.onPacket = (_direction, data) => usernames.add(readIceUsername(data));
    this.#relay.line = line;
    return usernames;
  }

  /**
   * The line is bad for a while, and then good; gives the packets that it lost on the way to that peer, and how
   * many names beside `usernames` clients have taken meanwhile. `look` is called when it becomes bad, when it
   * becomes good, and at the end; `signal` ends it early.
   */
  async #beBad(name, peerName, { usernames, look = async () => {}, signal }) {
    const counts = await this.#lossCounts(peerName);
    const current = new Set();
    const line = new Line(LINES[name], Number(options.seed));
    line.onPacket = (direction, data, isLost) => {
      if (direction === 'down') KINDS.forEach((kind) => counts[kind].add(data, isLost));
      else current.add(readIceUsername(data));
    };
    await sleep(SETTLE_MS, undefined, { signal });
    await look();
    this.#relay.line = line;
    try {
      await sleep(seconds * 1000, undefined, { signal });
      await look();
    } finally {
      this.#relay.line = undefined;
    }
    await sleep(DRAIN_MS, undefined, { signal });
    await look();
    const told = KINDS.map((kind) => `${kind} ${counts[kind].lost} of ${counts[kind].sent}`).join(', ');
    const { meanMs, maxMs } = this.#relay.lateness;
    console.error(`${name}, ${peerName}: lost ${told}; the relay was ${meanMs.toFixed(2)} ms late, at most ` +
      `${maxMs.toFixed(0)}; load ${loadAverage()[0]}`);
    return {
      lost: Object.fromEntries(KINDS.map((kind) => [kind, counts[kind].lost])),
      iceRestarts: current.difference(usernames).size,
    };
  }

  /** Of what the server sends to a peer, known by its id or its name. */
  async #lossCounts(peerName) {
    const { peers } = await this.#server.http('GET', `/test/rooms/${ROOM}`);
    const { consumers } = peers.find(({ id, displayName }) => [id, displayName].includes(peerName));
    return Object.fromEntries(KINDS.map((kind) => {
      const { rtpParameters } = consumers.find((consumer) => consumer.kind === kind);
      return [kind, new LossCount(rtpParameters.encodings.map(({ ssrc }) => ssrc))];
    }));
  }
}

const clients = options['no-chromium'] ? ['cosoup'] : ['cosoup', 'chromium'];
let bench;

/** One that fails does not keep the others from being made. */
const measurements = options.lines.split(',').flatMap((name) => clients.map((client) => async (directory) => {
  bench ??= await Bench.start(directory);
  return bench[client](name).catch(({ message }) => {
    console.error(message);
    process.exitCode = 1;
    return { line: name, client, error: message.trim().replace(/\s*\n\s*/g, ': ') };
  });
}));

const unknown = options.lines.split(',').filter((name) => !(name in LINES));
if (unknown.length > 0) {
  console.error(`there is no line ${unknown[0]}; there are ${Object.keys(LINES).join(', ')}`);
  process.exit(2);
}
runBenchmark(...measurements);
