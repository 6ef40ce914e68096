'use strict';

// usage: scale.js --launch COSOUP_LAUNCH --sender RTP_SENDER [--floor SRTP_FLOOR] [--pairs N,…]
//          [--jobs NAME,…] [--seconds S] [--no-chromium]
// What receiving many streams costs: a line for each number of pairs (640x480 at 30 frames/s, VP8 of about
// 800 kbit/s, and Opus) and each job (discard; record: a file for each pair), that one cosoup-launch does.
//   cores           its user and system time by wall time, over S seconds that begin 3 s after all flow
//   rssMb, threads  its own at the end of that window
//   negotiateCpuMs  its user and system time from the moment it has joined until all consumers are there,
//                   divided by their number, times 100. The server offers all of them at once and nothing
//                   flows yet. Linux counts in steps of 10 ms, so that few pairs say little.
//   received        packets that it says it has received, decrypted, of all streams, from the first one on,
//                   without those that were sent again as RTX
//   lost            what the server has sent it (its consumers' packetCount) less `received`: what did not
//                   arrive, whether it was asked for again or not
//   floorCores      of srtp-floor, which receives and decrypts the same packets and does nothing with them;
//                   null without it
// Where something fails, as when the peer loses its connection, the line has "error", and the exit status is 1.
// Whoever sends is a program that costs little and is not counted, nor is the server; stderr tells what they
// take, and how late packets went out, for where both cores are taken the figures are not to be trusted.
// With "chromium": true it is a headless Chromium, with 8 and 16 pairs and all of its processes counted: it
// decodes what it receives, and records with MediaRecorder, which encodes anew.

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { ChromiumJob } = require('./chromium');
const { makeClip } = require('./clip');
const { cpuSeconds, loadAverage, statusNumber } = require('./cpu');
const { PlainPairs } = require('./plain_pairs');
const { Child, Launch, ROOM, RoomServer, nowMs, runBenchmark } = require('./processes');

const { values: options } = parseArgs({
  options: {
    'launch': { type: 'string' },
    'sender': { type: 'string' },
    'floor': { type: 'string' },
    'pairs': { type: 'string', default: '1,10,50,100,200' },
    'jobs': { type: 'string', default: 'discard,record' },
    'seconds': { type: 'string', default: '20' },
    'no-chromium': { type: 'boolean', default: false },
  },
});
const windowMs = Number(options.seconds) * 1000;
const CHROMIUM_PAIRS = [8, 16];
const KINDS = 2; // audio and video
const SETTLE_MS = 3000; // the start of pipelines, the first key frames
const DRAIN_MS = 500; // what is under way arrives
const PATIENCE_MS = 120_000; // hundreds join

const rounded = (number, digits) => Number(number.toFixed(digits));
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

/** Cores that each of the processes takes while `promise` lasts. */
async function coresDuring(pids, promise) {
  const before = pids.map((pid) => cpuSeconds(pid));
  const beganMs = nowMs();
  await promise;
  const seconds = (nowMs() - beganMs) / 1000;
  return pids.map((pid, index) => (cpuSeconds(pid) - before[index]) / seconds);
}

class Bench {
  #directory;
  #clip;
  #server;
  #workerPid;
  #floors = new Map();

  static async start(directory) {
    const bench = new Bench();
    bench.#directory = directory;
    bench.#clip = path.join(directory, 'clip.webm');
    await makeClip(bench.#clip);
    bench.#server = await RoomServer.start(directory, ['--insecure-ws', '--max-incoming-bitrate', '0']);
    bench.#workerPid = (await bench.#server.http('GET', '/test/server')).workerPid;
    // A room of broadcasters alone would be none.
    const keeper = bench.#launch('keeper', 'none');
    await keeper.until('joined', () => keeper.all('joined')[0]);
    return bench;
  }

  #launch(peerId, consume) {
    return new Launch(options.launch, peerId, this.#server.url, undefined, '--consume', consume);
  }

  /** Lets `use` have so many pairs. */
  async #withPairs(count, use) {
    const pairs = await PlainPairs.open(this.#server, count);
    try {
      return await use(pairs);
    } finally {
      await pairs.close();
    }
  }

  async measure(count, job) {
    const floorCores = await this.#floor(count);
    const recordings = path.join(this.#directory, 'recordings');
    const figures = await this.#withPairs(count, async (pairs) => {
      const peer = this.#launch(`receiver-${count}-${job}`, job === 'record' ? `record:${recordings}` : job);
      try {
        return await this.#receive(pairs, peer, count, job);
      } finally {
        await peer.stop();
        fs.rmSync(recordings, { recursive: true, force: true });
      }
    });
    return { ...figures, floorCores };
  }

  async #receive(pairs, peer, count, job) {
    const negotiateCpuMs = await this.#negotiate(peer, count);
    const sender = await pairs.send(options.sender, this.#clip);
    await peer.until('all flow', () => peer.all('first-rtp').length >= count * KINDS, PATIENCE_MS);
    await sleep(SETTLE_MS);
    const { pid } = peer.process;
    const window = peer.expect('the window', sleep(windowMs), windowMs + 10_000);
    const [cores, senderCores, serverCores] = await coresDuring([pid, sender.process.pid, this.#workerPid], window);
    const used = { rssMb: Math.round(statusNumber(pid, 'VmRSS') / 1024), threads: statusNumber(pid, 'Threads') };
    const sending = await pairs.endSending();
    await sleep(DRAIN_MS);
    const sent = await this.#sentTo(peer.name, count * KINDS);
    const { consumed, recordings: files } = await this.#end(peer);
    if (job === 'record' && files.length < count) throw new Error(`${files.length} recordings of ${count}`);
    const received = sum(consumed.map(({ packets }) => packets));
    console.error(`${peer.name}: ${cores.toFixed(4)} cores, rtp-sender ${senderCores.toFixed(3)}, mediasoup ` +
      `${serverCores.toFixed(3)}; sent ${sending.sent} (${sending.failed} failed, ${sending.late} late, at most ` +
      `${sending.latest} ms), on to the peer ${sent.packets} (mediasoup missed ${sent.missed}); lost by its RTP ` +
      `session ${sum(consumed.map(({ lost }) => lost))}; load ${loadAverage()[0]}`);
    return { pairs: count, job, cores: rounded(cores, 4), ...used, negotiateCpuMs, lost: sent.packets - received,
      received };
  }

  /** CPU time (ms) of the peer for a hundred of its consumers. */
  async #negotiate(peer, count) {
    await peer.until('joined', () => peer.all('joined')[0]);
    const before = cpuSeconds(peer.process.pid);
    await peer.until('all consumers are there', () => peer.all('consuming').length >= count * KINDS, PATIENCE_MS);
    return rounded((cpuSeconds(peer.process.pid) - before) * 1000 / (count * KINDS) * 100, 0);
  }

  /** What the server has sent to a peer, and what it has not received of what the pairs have sent. */
  async #sentTo(peerId, streams) {
    const { peers, broadcasters } = await this.#server.http('GET', `/test/rooms/${ROOM}`);
    const { consumers } = peers.find(({ id }) => id === peerId);
    if (consumers.length !== streams) throw new Error(`${consumers.length} consumers of ${streams}`);
    return {
      packets: sum(consumers.map(({ stats }) => stats.packetCount)),
      missed: sum(broadcasters.flatMap(({ producers }) => producers.map(({ stats }) => stats.packetsLost))),
    };
  }

  async #end(peer) {
    await peer.stop();
    const [summary] = peer.all('summary');
    if (!summary) throw new Error(`${peer.name} gave no summary: ${peer.log}`);
    return summary;
  }

  /** Cores of srtp-floor for so many pairs. */
  async #floor(count) {
    if (!options.floor) return null;
    if (!this.#floors.has(count)) this.#floors.set(count, await this.#measureFloor(count));
    return this.#floors.get(count);
  }

  async #measureFloor(count) {
    const floor = new Child('srtp-floor', options.floor, [this.#clip, String(count)]);
    let summary;
    await floor.expect('it receives', new Promise((resolve) => floor.onLine((line) => {
      if (line.startsWith('{')) summary = JSON.parse(line);
      else resolve();
    })));
    await sleep(SETTLE_MS);
    const [cores] = await coresDuring([floor.process.pid], sleep(windowMs));
    await floor.stop();
    if (!summary?.received || summary.failed) throw new Error(`srtp-floor: ${JSON.stringify(summary)} ${floor.log}`);
    return rounded(cores, 4);
  }

  measureChromium(count, job) {
    return this.#withPairs(count, async (pairs) => {
      const chromium = await ChromiumJob.start(this.#server.httpUrl, ROOM);
      try {
        await pairs.send(options.sender, this.#clip);
        await chromium.receives(count * KINDS);
        if (job === 'record') await chromium.record();
        await sleep(SETTLE_MS);
        const { cores, rssMb, threads } = await chromium.measure(windowMs);
        return { pairs: count, job, chromium: true, cores: rounded(cores, 4), rssMb: Math.round(rssMb), threads };
      } finally {
        await chromium.stop();
      }
    });
  }
}

const measurements = [];
let bench;

/** One that fails does not keep the others from being made. */
function add(counts, method) {
  for (const pairs of counts) {
    for (const job of options.jobs.split(',')) {
      measurements.push(async (directory) => {
        bench ??= await Bench.start(directory);
        return bench[method](pairs, job).catch(({ message }) => {
          console.error(message);
          process.exitCode = 1;
          const error = message.trim().replace(/\s*\n\s*/g, ': ');
          return { pairs, job, ...(method === 'measureChromium' && { chromium: true }), error };
        });
      });
    }
  }
}

add(options.pairs.split(',').map(Number), 'measure');
if (!options['no-chromium']) add(CHROMIUM_PAIRS, 'measureChromium');
runBenchmark(...measurements);
